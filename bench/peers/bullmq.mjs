// BullMQ. Arguments: the port of Redis; `jobs`: a job for each step, or `step-jobs`: one job that notes how far it is,
// https://docs.bullmq.io/patterns/process-step-jobs
import { Queue, Worker } from 'bullmq';
import { Course } from '../contest/course.ts';
import { answer } from '../conversation.ts';

const [port, how] = process.argv.slice(2);
const name = how;
// As docs.bullmq.io asks of workers: they wait for Redis as long as it takes.
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };
const course = new Course();
const defaultJobOptions = { removeOnComplete: true, attempts: 10 };
const queue = new Queue(name, { connection, defaultJobOptions });

/** The next step is a job of its own; its id keeps it from being added twice. */
async function oneStep({ data }) {
  const { chain, step, counter } = data;
  course.begin(chain, step);
  const next = { chain, step: step + 1, counter: { ...counter, count: counter.count + 1 } };
  if (course.end(chain, step)) await queue.add('count', next, { jobId: `${chain}-${next.step}` });
}

/** All steps in one job, which stores how far it has come after each. */
async function allSteps(job) {
  for (let { step } = job.data; step <= course.length; step++) {
    const { chain, counter } = job.data;
    course.begin(chain, step);
    const next = { chain, step: step + 1, counter: { ...counter, count: counter.count + 1 } };
    if (course.end(chain, step)) await job.updateData(next);
  }
}

const worker = new Worker(name, how === 'step-jobs' ? allSteps : oneStep, {
  connection,
  concurrency: 20,
});
worker.on('error', (error) => console.error(error));
await worker.waitUntilReady();

const counter = { count: 0, customer: 'customer 7', note: 'n'.repeat(300) };
const start = (chain) => queue.add('count', { chain, step: 1, counter }, { jobId: `${chain}-1` });
answer({ run: (assignment) => course.run(assignment, start) });
