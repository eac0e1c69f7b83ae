// Our contender. Arguments: `in-process FILE`, or `grpc DATASTORE_HOST TASKS_HOST`.
import { startEmulator } from '../../lib/emulator/index.js';
import { answer } from '../conversation.js';
import { Counter, type Services, startCounterApplication } from '../counter-application.js';
import { queueOf, queues } from '../queues.js';
import { overGrpc } from '../services.js';
import { type Assignment, Course } from './course.js';

const [how, first = '', second = ''] = process.argv.slice(2);

async function servicesOf(): Promise<Services> {
  if (how === 'grpc') return overGrpc({ datastoreHost: first, tasksHost: second });
  const { datastore, tasks } = await startEmulator({ data: first, queues });
  return { datastore, tasks };
}

const { locker, work } = await startCounterApplication({
  services: await servicesOf(),
  adapter: 'fastify',
  // As it is by default.
  options: { sweep: {} },
});
const course = new Course();
work.step = async (_, lease) => {
  const name = lease.key.name ?? '';
  course.begin(name, lease.step);
  if (course.end(name, lease.step)) await lease.next();
};
const start = (name: string, n: number) =>
  locker.schedule(locker.key(Counter, name), new Counter(), 'count', { queue: queueOf(n) });
answer({ run: (assignment: Assignment) => course.run(assignment, start) });
