// What the option `telemetry` costs a step when nobody listens: `npm run bench:telemetry`. See README.md.
import { startEmulator } from 'nestjs-datastore-locker/emulator';
import { parseArgs } from 'node:util';
import type { DeliveryFacts, Part } from '../lib/system/telemetry.js';
import { openTelemetry } from '../lib/telemetry/index.js';
import { spread } from './measure.js';
import { StepApplication } from './step-application.js';

const { values } = parseArgs({
  options: {
    /** Pairs of batches. */
    rounds: { type: 'string', default: '60' },
    /** Steps of a batch. */
    steps: { type: 'string', default: '50' },
  },
});
const [rounds, steps, warmUps] = [Number(values.rounds), Number(values.steps), 5];

const nothing = () => Promise.resolve();

/** What a step asks of the option, and nothing else; milliseconds each. */
async function callsAlone(count: number): Promise<number> {
  const telemetry = openTelemetry();
  const where = { kind: 'Counter', task: 'count' };
  const run = 'a'.repeat(32);
  const rest = { key: 'Counter/"a"', namespace: '', queue: 'default', run, step: 1 };
  const facts: DeliveryFacts = { ...where, ...rest, queueDelayMs: 5, createdBy: undefined };
  const attempt = { number: 1, isTakeover: false, leaseWaitMs: 3 };
  const part = (name: Part['name'], work: () => Promise<unknown>) =>
    telemetry.part({ name, ...where }, work);
  const began = performance.now();
  for (let done = 0; done < count; done++)
    await telemetry.delivery(facts, async () => {
      await part('acquire', nothing);
      await part('handler', async () => {
        await part('settle', nothing);
        await part('dispatch', () => Promise.resolve(telemetry.traceparent()));
      });
      return { outcome: 'advanced', attempt };
    });
  return (performance.now() - began) / count;
}

const emulator = await startEmulator();
// The steps are delivered by hand.
emulator.faults.hold();
const applications = {
  without: await StepApplication.start(emulator, 'without', {}),
  beside: await StepApplication.start(emulator, 'with', { telemetry: openTelemetry() }),
};
const taken: Record<keyof typeof applications, number[]> = { without: [], beside: [] };
for (let round = 0; round < warmUps + rounds; round++) {
  const turns = ['without', 'beside'] as const;
  for (const which of round % 2 === 0 ? turns : turns.toReversed()) {
    const each = await applications[which].run(steps);
    if (round >= warmUps) taken[which].push(each);
    // Their tasks wait for ever, and would slow the emulator down.
    await emulator.tasks.purgeQueue({
      name: 'projects/bench/locations/europe-west1/queues/default',
    });
  }
}
await callsAlone(20_000);
const alone = await callsAlone(100_000);
await applications.beside.stop();
await applications.without.stop();
await emulator.stop();

const ratios = taken.beside.map((each, round) => each / (taken.without[round] ?? NaN));
const ms = (value: number) => `${value.toFixed(3)} ms`;
const percent = (ratio: number) => `${((ratio - 1) * 100).toFixed(2)} %`;
const step = spread(taken.without).median;
process.stdout.write(
  [
    `${rounds} pairs of batches of ${steps} steps each, in turns; the median, and the middle half`,
    `a step without the option  ${middle(taken.without, ms)}`,
    `with it, and no SDK        ${middle(taken.beside, ms)}`,
    `more by, pair by pair      ${middle(ratios, percent)}`,
    `its calls alone            ${(alone * 1_000).toFixed(1)} µs, ${percent(1 + alone / step)} of a step`,
    '',
  ].join('\n'),
);

/** The median, and the ends of the middle half: a busy machine makes outliers. */
function middle(measured: readonly number[], format: (value: number) => string): string {
  const sorted = measured.toSorted((a, b) => a - b);
  const quarter = Math.floor(sorted.length / 4);
  const { median, min, max } = spread(sorted.slice(quarter, sorted.length - quarter));
  return `${format(median)} (${format(min)} to ${format(max)})`;
}
