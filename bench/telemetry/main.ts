// What the option `telemetry` costs a step when nobody listens. What the numbers mean: ../README.md.
import { Companion } from '../companion.js';
import { location, projectId } from '../counter-application.js';
import { closeConnections, post } from '../deliver.js';
import { thisMachine } from '../machine.js';
import { spread } from '../measure.js';
import { queueOf } from '../queues.js';
import { record } from '../results.js';
import type { Hosts } from '../services.js';
import { number, printTable, printTarget } from '../table.js';
import { callsAlone } from './calls-alone.js';
import { type Estimate, estimate } from './estimate.js';
import { meanOfEach, type Name, type Subject, turnsOf } from './subject.js';

const rounds = 3_000;
const roundsAtOnce = 10;
const warmUps = 1_000;
const target = 1.02;
const queue = `projects/${projectId}/locations/${location}/queues/${queueOf(0)}`;

const machine = thisMachine();
const emulator = await Companion.start(new URL('../emulator-program.js', import.meta.url));
await emulator.ask('hold');
const { datastoreHost, tasksHost } = emulator.ready as Hosts;
const server = await Companion.start(new URL('./server-program.js', import.meta.url), {
  args: [datastoreHost, tasksHost],
});
const subjects = server.ready as Record<Name, Subject>;
const next: Record<Name, number> = { without: 1, control: 1, beside: 1 };

await measure(0, warmUps);
const measured = await measure(warmUps, rounds);
await server.end();
await emulator.end();
closeConnections();

const control = compared('control');
const beside = compared('beside');
await callsAlone(50_000);
const aloneUs = await callsAlone(200_000);
const stepUs = median('without');
printTable('Processor time of the application for a step', {
  'without the option': { 'more by': '', 'CPU µs': number(stepUs) },
  'without it, once more': row('control', control),
  'with it, and no SDK': row('beside', beside),
});
console.log(
  `The second line is what the measurement itself is off by. Called alone, the option takes ${number(aloneUs)} µs a step, ${percent(aloneUs / stepUs)}.`,
);
const isMet = beside.high < target;
printTarget(
  `with nobody listening, below ${percent(target - 1)} of a step (at most ${percent(beside.high - 1)})`,
  isMet,
);
if (!isMet) process.exitCode = 1;
await record('telemetry', machine, { rounds, beside, control, aloneUs, stepUs });

/** Microseconds of a step of each, round by round. */
async function measure(from: number, count: number): Promise<Record<Name, number>[]> {
  const found: Record<Name, number>[] = [];
  for (let round = from; round < from + count; round += roundsAtOnce) {
    const turns = Array.from({ length: roundsAtOnce }, (_, index) => turnsOf(round + index));
    for (const name of turns.flat()) await step(name);
    // It ends the time of the one before, and has none.
    await step('without');
    const taken = await server.ask<number[]>('taken');
    for (const [index, turn] of turns.entries())
      found.push(meanOfEach(turn, taken.slice(index * turn.length)));
    // Their tasks wait for ever, and would slow the emulator down.
    await emulator.ask('purge', queue);
  }
  return found;
}

async function step(name: Name): Promise<void> {
  const { url, headers } = subjects[name];
  const status = await post(url, { ...headers, 'x-lock-seq': String(next[name]++) });
  if (status !== 200) throw new Error(`A step ${name} was answered ${status}.`);
}

function compared(name: Name): Estimate {
  return estimate(measured.map((each) => each[name] / each.without));
}

function median(name: Name): number {
  return spread(measured.map((each) => each[name])).median;
}

function row(name: Name, { ratio, low, high }: Estimate) {
  const moreBy = `${percent(ratio - 1)} (${percent(low - 1)} to ${percent(high - 1)})`;
  return { 'more by': moreBy, 'CPU µs': number(median(name)) };
}

function percent(part: number): string {
  return `${(part * 100).toFixed(2)} %`;
}
