// What a step of ours cannot be faster than. Arguments: `deliveries`, or `calls DATASTORE_HOST TASKS_HOST`.
import { answer } from '../conversation.js';
import { Counter, startCounterApplication } from '../counter-application.js';
import { post, stepHeaders } from '../deliver.js';
import { elsewhere, Recorder, replay } from '../floor/recorder.js';
import { instantServices } from '../in-process/instant-services.js';
import { overGrpc } from '../services.js';
import { type Assignment, Course } from './course.js';

const [what, datastoreHost = '', tasksHost = ''] = process.argv.slice(2);
const course = new Course();

/** Runs chains whose steps are nothing but this. */
function answerWith(begin: (chain: string) => Promise<() => Promise<unknown>>): void {
  const start = async (chain: string) => {
    const step = await begin(chain);
    void (async () => {
      for (let number = 1, goesOn = true; goesOn; number++) {
        await step();
        course.begin(chain, number);
        goesOn = course.end(chain, number);
      }
    })();
  };
  answer({ run: (assignment: Assignment) => course.run(assignment, start) });
}

/** The request of a task, and a handler that answers it: nothing is stored, nothing called. */
async function deliveries(): Promise<void> {
  const services = instantServices();
  const { locker, url } = await startCounterApplication({ services, adapter: 'fastify' });
  const headers = stepHeaders(locker.key(Counter, 'chain'), 'run', 1);
  answerWith(() => Promise.resolve(() => post(`${url}/counter/bare`, headers)));
}

/** The five calls of a step through Google's clients: nothing is delivered, nothing decided. */
async function calls(): Promise<void> {
  const recorder = new Recorder(overGrpc({ datastoreHost, tasksHost }));
  const { services } = recorder;
  const { locker, url } = await startCounterApplication({ services, adapter: 'fastify' });
  const key = locker.key(Counter, 'chain');
  const { run } = await locker.schedule(key, new Counter(), 'count');
  await post(`${url}/counter/count`, stepHeaders(key, run, 1));
  const recorded = (recorder.calls = []);
  await post(`${url}/counter/count`, stepHeaders(key, run, 2));
  recorder.calls = undefined;
  answerWith(async (chain) => {
    const own = elsewhere(recorded, 'chain', chain);
    // As a start does: it stores the entity, and creates the first task.
    await replay(own.slice(2), services);
    return () => replay(own, services);
  });
}

await (what === 'calls' ? calls() : deliveries());
