import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../../lib/emulator/index.js';
import { Forwarder } from '../../test/chaos/programs/forwarder.js';
import { Companion } from '../companion.js';
import { Counter, startCounterApplication } from '../counter-application.js';
import { queueOf, queues } from '../queues.js';
import { overGrpc } from '../services.js';
import { WireCount } from '../wire-count.js';

/** Chains that all begin at once, on two workers that tasks are delivered to in turn. */
export async function crowdOn(chains: number, steps: number) {
  const emulator = await startEmulator({ queues });
  emulator.faults.hold();
  const ports: number[] = [];
  let turn = 0;
  const forwarder = await Forwarder.start(() => ports[turn++ % ports.length]);
  const args = [emulator.datastoreHost, emulator.tasksHost, forwarder.url, String(steps)];
  const program = new URL('./worker-program.js', import.meta.url);
  const workers = [
    await Companion.start(program, { args }),
    await Companion.start(program, { args }),
  ];
  ports.push(...workers.map((worker) => (worker.ready as { port: number }).port));
  const runsOfEach = () => Promise.all(workers.map((worker) => worker.ask<number>('runs')));

  const services = overGrpc(emulator);
  const { nest, locker } = await startCounterApplication({ services, baseUrl: forwarder.url });
  await locker.scheduleAll(
    Array.from({ length: chains }, (_, n) => ({
      key: locker.key(Counter, `chain-${n}`),
      entity: new Counter(),
      task: 'count',
      queue: queueOf(n),
    })),
  );
  const wire = new WireCount(emulator);
  const began = performance.now();
  emulator.faults.release();
  do {
    await sleep(20);
    await emulator.tasks.idle();
  } while (emulator.tasks.nextDueAt !== undefined);
  const ms = performance.now() - began;
  const { rpcs, calls } = wire.end();
  const stepsOfEach = await runsOfEach();
  const runs = stepsOfEach.reduce((sum, one) => sum + one, 0);

  for (const worker of workers) await worker.end();
  await nest.close();
  await services.datastore.close();
  await services.tasks.close();
  await forwarder.end();
  await emulator.stop();
  return {
    ms,
    stepsPerSecond: (runs * 1_000) / ms,
    rpcsPerStep: rpcs / runs,
    runs,
    stepsOfEach,
    calls,
  };
}
