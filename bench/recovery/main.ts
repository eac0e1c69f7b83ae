// How long a step stands still after kill -9 of the worker that runs it. What the numbers mean: ../README.md.
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../../lib/emulator/index.js';
import { Forwarder } from '../../test/chaos/programs/forwarder.js';
import { Companion } from '../companion.js';
import { Counter, startCounterApplication } from '../counter-application.js';
import { thisMachine } from '../machine.js';
import { quantile, spread } from '../measure.js';
import { queueOf, queues } from '../queues.js';
import { record } from '../results.js';
import { overGrpc } from '../services.js';
import { number, printTable, printTarget } from '../table.js';

const rounds = 10;
/** Workers killed in a round, each in the middle of one step. */
const victims = 5;
const leaseDuration = 2_000;
const sweepSlot = 10_000;
/** What the protocol adds to a lease for clocks that disagree, milliseconds. */
const skewMargin = 5_000;
const bound = leaseDuration + skewMargin + sweepSlot;

const machine = thisMachine();
const emulator = await startEmulator({ queues });
const ports: number[] = [];
let turn = 0;
const forwarder = await Forwarder.start(() => ports[turn++ % ports.length]);
const services = overGrpc(emulator);
const options = { leaseDuration, sweep: { every: sweepSlot } };
const { nest, locker } = await startCounterApplication({
  services,
  baseUrl: forwarder.url,
  options,
});
const program = new URL('./worker-program.js', import.meta.url);
const args = [
  emulator.datastoreHost,
  emulator.tasksHost,
  forwarder.url,
  String(leaseDuration),
  String(sweepSlot),
];
const startWorker = () => Companion.start(program, { args });
const portOf = (worker: Companion) => (worker.ready as { port: number }).port;
const beganAt = (worker: Companion) => worker.ask<Record<string, number>>('began');

const took: number[] = [];
const survivor = await startWorker();
await survivor.ask('finish');
for (let round = 0; round < rounds; round++) took.push(...(await killAll(round)));
await survivor.end();
await nest.close();
await services.datastore.close();
await services.tasks.close();
await forwarder.end();
await emulator.stop();

const sorted = took.toSorted((a, b) => a - b);
const recovery = { ...spread(took), p90: quantile(sorted, 0.9) };
printTable(`From kill -9 until the step runs again, ${took.length} kills, seconds`, {
  [`leases of ${leaseDuration / 1_000} s`]: {
    'by its bound': number(recovery.median / bound),
    median: number(recovery.median / 1_000),
    least: number(recovery.min / 1_000),
    '90th percentile': number(recovery.p90 / 1_000),
    greatest: number(recovery.max / 1_000),
    bound: number(bound / 1_000),
  },
});
printTarget(
  `at most lease, margin for skew and one slot of the sweep (${number(recovery.max / 1_000)} of ${number(bound / 1_000)} s)`,
  recovery.max <= bound,
);
await record('recovery', machine, {
  leaseDuration,
  skewMargin,
  sweepSlot,
  bound,
  kills: took.length,
  recovery,
});

/** One chain on each of the victims; all die in the middle of their step. Resolves to how long each step stood still. */
async function killAll(round: number): Promise<number[]> {
  const workers = await Promise.all(Array.from({ length: victims }, startWorker));
  const names = workers.map((_, n) => `chain-${round}-${n}`);
  for (const [n, worker] of workers.entries()) {
    ports.splice(0, ports.length, portOf(worker));
    const name = names[n] ?? '';
    await locker.schedule(locker.key(Counter, name), new Counter(), 'count', { queue: queueOf(n) });
    while ((await beganAt(worker))[name] === undefined) await sleep(5);
  }
  // Long enough for their leases to have been renewed.
  await sleep(leaseDuration);
  ports.splice(0, ports.length, portOf(survivor));
  const killedAt = Date.now();
  await Promise.all(workers.map((worker) => worker.kill()));
  let again = await beganAt(survivor);
  while (names.some((name) => again[name] === undefined)) {
    await sleep(20);
    again = await beganAt(survivor);
  }
  return names.map((name) => (again[name] ?? NaN) - killedAt);
}
