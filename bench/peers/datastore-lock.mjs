// Google's lock in Datastore, around each step of a chain whose state is in an entity beside it; tasks come from Cloud Tasks.
import { withDatastoreLock } from '@google-automations/datastore-lock';
import { Datastore } from '@google-cloud/datastore';
import { Course } from '../contest/course.ts';
import { answer } from '../conversation.ts';
import { queueOf, serveTasks } from './tasks.mjs';

const datastore = new Datastore();
const course = new Course();
const keyOf = (chain) => datastore.key(['Counter', chain]);

const createTask = await serveTasks(async ({ chain, step, queue }) => {
  const goesOn = await withDatastoreLock({ lockId: 'count', target: chain }, async () => {
    const [counter] = await datastore.get(keyOf(chain));
    // A repeat of a task whose step is over.
    if (counter.step !== step) return false;
    course.begin(chain, step);
    counter.count++;
    counter.step++;
    const isMore = course.end(chain, step);
    await datastore.save({ key: keyOf(chain), data: counter, excludeFromIndexes: ['note'] });
    return isMore;
  });
  // Not under the lock: the next step would find it taken, and wait for two seconds.
  if (goesOn) await createTask({ chain, step: step + 1, queue });
  return 200;
});

async function start(chain, n) {
  const data = { step: 1, count: 0, customer: 'customer 7', note: 'n'.repeat(300) };
  await datastore.save({ key: keyOf(chain), data, excludeFromIndexes: ['note'] });
  await createTask({ chain, step: 1, queue: queueOf(n) });
}
answer({ run: (assignment) => course.run(assignment, start) });
