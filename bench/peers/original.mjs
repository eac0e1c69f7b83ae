// The protocol of CaptainCodeman/datastore-locker, call for call: a lease is taken in a transaction, and let go by a transaction
// that writes the entity without reading it. That one enqueued the task in the transaction, which Cloud Tasks
// cannot; here it follows the commit.
import { randomUUID } from 'node:crypto';
import { Datastore } from '@google-cloud/datastore';
import { Course } from '../contest/course.ts';
import { answer } from '../conversation.ts';
import { queueOf, serveTasks } from './tasks.mjs';

const datastore = new Datastore();
const course = new Course();
const keyOf = (chain) => datastore.key(['Counter', chain]);
const excludeFromIndexes = ['note', 'lock_req', 'lock_seq', 'lock_try'];

const createTask = await serveTasks(async ({ chain, step, queue }) => {
  const key = keyOf(chain);
  const counter = await lease(key, step);
  if (typeof counter === 'number') return counter;
  course.begin(chain, step);
  counter.count++;
  const goesOn = course.end(chain, step);
  counter.lock_seq = goesOn ? step + 1 : -1;
  await write(key, { ...counter, lock_ts: new Date(), lock_req: '', lock_try: 0 });
  if (goesOn) await createTask({ chain, step: step + 1, queue });
  return 200;
});

/** The entity under a lease, or the status that the task is answered with. */
async function lease(key, step) {
  const transaction = datastore.transaction();
  await transaction.run();
  const [counter] = await transaction.get(key);
  const refused = counter.lock_seq > step ? 200 : counter.lock_req === '' ? undefined : 503;
  if (refused) {
    await transaction.rollback();
    return refused;
  }
  Object.assign(counter, { lock_ts: new Date(), lock_req: randomUUID() });
  transaction.save({ key, data: counter, excludeFromIndexes });
  await transaction.commit();
  return counter;
}

async function write(key, data) {
  const transaction = datastore.transaction();
  await transaction.run();
  transaction.save({ key, data, excludeFromIndexes });
  await transaction.commit();
}

async function start(chain, n) {
  const lock = { lock_ts: new Date(), lock_req: '', lock_seq: 1, lock_try: 0 };
  const data = { ...lock, count: 0, customer: 'customer 7', note: 'n'.repeat(300) };
  await write(keyOf(chain), data);
  await createTask({ chain, step: 1, queue: queueOf(n) });
}
answer({ run: (assignment) => course.run(assignment, start) });
