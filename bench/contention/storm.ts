import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../../lib/emulator/index.js';
import { Counter, startCounterApplication } from '../counter-application.js';
import { stepHeaders } from '../deliver.js';
import { location, projectId } from '../counter-application.js';
import { overGrpc } from '../services.js';
import { WireCount } from '../wire-count.js';

/** How long the handler works, milliseconds: most deliveries find the step held. */
const work = 500;
const queue = `projects/${projectId}/locations/${location}/queues/storm`;

/**
 * A queue that delivers so many tasks for one step at the same moment, and those that were told to come again with the
 * pauses of Cloud Tasks, until all are answered with 200.
 */
export async function stormOn(deliveries: number) {
  const rateLimits = {
    maxDispatchesPerSecond: 500,
    maxBurstSize: deliveries,
    maxConcurrentDispatches: deliveries,
  };
  const emulator = await startEmulator({ queues: [{ name: 'storm', rateLimits }] });
  emulator.faults.hold();
  const services = overGrpc(emulator);
  const application = await startCounterApplication({ services });
  const { locker, nest, url } = application;
  let runs = 0;
  application.work.step = async () => {
    runs++;
    await sleep(work);
  };
  const key = locker.key(Counter, 'storm');
  const { run } = await locker.schedule(key, new Counter(), 'count', { queue: 'storm' });
  const headers = Object.fromEntries(
    Object.entries(stepHeaders(key, run, 1)).filter(([name]) => !name.startsWith('x-cloudtasks')),
  );
  const httpRequest = { url: `${url}/counter/count`, headers, body: Buffer.from('{}') };
  // With the task that the start created itself.
  for (let n = 1; n < deliveries; n++)
    await services.tasks.createTask({ parent: queue, task: { httpRequest } });
  const wire = new WireCount(emulator);
  const began = performance.now();
  emulator.faults.release();
  await untilEmpty();
  const settledMs = performance.now() - began;
  const { calls, rpcs } = wire.end();
  await nest.close();
  await services.datastore.close();
  await services.tasks.close();
  await emulator.stop();
  return { settledMs, runs, rpcs, calls };

  async function untilEmpty(): Promise<void> {
    do await sleep(5);
    while ((await engineTasks()) > 0);
  }

  async function engineTasks(): Promise<number> {
    await emulator.tasks.idle();
    return emulator.tasks.nextDueAt === undefined ? 0 : 1;
  }
}
