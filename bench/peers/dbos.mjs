// DBOS: a workflow of ten steps, each of which is checkpointed in PostgreSQL. https://docs.dbos.dev/typescript/programming-guide
import { DBOS } from '@dbos-inc/dbos-sdk';
import { Course } from '../contest/course.ts';
import { answer } from '../conversation.ts';

const course = new Course();

function count(name, step, counter) {
  course.begin(name, step);
  const counted = { ...counter, count: counter.count + 1 };
  course.end(name, step);
  return Promise.resolve(counted);
}

const chain = DBOS.registerWorkflow(
  async (name, counter) => {
    let current = counter;
    for (let step = 1; step <= course.length; step++)
      current = await DBOS.runStep(() => count(name, step, current), { name: 'count' });
    return current;
  },
  { name: 'chain' },
);

DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: process.env.DATABASE_URL,
  applicationVersion: '0.1.0',
  logLevel: 'error',
});
await DBOS.launch();

const counter = { count: 0, customer: 'customer 7', note: 'n'.repeat(300) };
const start = (name) => DBOS.startWorkflow(chain, { workflowID: name })(name, counter);
answer({ run: (assignment) => course.run(assignment, start) });
