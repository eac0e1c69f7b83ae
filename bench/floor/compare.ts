import { Counter, type CounterApplication } from '../counter-application.js';
import { post, stepHeaders } from '../deliver.js';
import { type Spread, spread } from '../measure.js';
import { printTable, printTarget, spreadText, number } from '../table.js';
import { elsewhere, type Recorder, replay } from './recorder.js';

export interface Comparison {
  readonly where: string;
  /** Time of a step by that of the bare handler; the least and the greatest are those of single rounds. */
  readonly ratio: Spread;
  /** Time of a step, delivered over HTTP, by that of the five calls alone. */
  readonly ratioToCalls: Spread;
  /** Processor time of the application, by that of the bare handler. */
  readonly cpuRatio: Spread;
  /** Milliseconds each. */
  readonly step: Spread;
  readonly bareHandler: Spread;
  readonly bareCalls: Spread;
}

/** Short turns, so that a machine that is busy for a while is so for all three. */
const rounds = 100;
const perRound = 10;
/** Enough for the compiler to be done with both, and for the history of the lock to have its full length. */
const warmUp = 4_000;
const target = 1.1;

/** Steps, a bare handler that makes the same calls, and the calls alone, in turns, one at a time. */
export async function compare(
  where: string,
  { locker, url, work }: CounterApplication,
  recorder: Recorder,
): Promise<Comparison> {
  const key = locker.key(Counter, 'chain');
  const { run } = await locker.schedule(key, new Counter(), 'count');
  let next = 1;
  const step = async () => ok(await post(`${url}/counter/count`, stepHeaders(key, run, next++)));

  // Long enough for the lock's history to have its full length.
  for (let warm = 0; warm < warmUp; warm++) await step();
  const calls = (recorder.calls = []);
  await step();
  recorder.calls = undefined;
  const bareKey = locker.key(Counter, 'floor');
  const bare = elsewhere(calls, 'chain', 'floor');
  // It finds an entity as the step does.
  await replay(bare.slice(2), recorder.services);
  work.bare = () => replay(bare, recorder.services);
  const headers = stepHeaders(bareKey, run, next);
  const bareHandler = async () => ok(await post(`${url}/counter/bare`, headers));
  const bareCalls = () => replay(bare, recorder.services);
  for (let warm = 0; warm < warmUp; warm++) await bareHandler();

  const measured = { step, bareHandler, bareCalls };
  const times: Record<keyof typeof measured, number[]> = {
    step: [],
    bareHandler: [],
    bareCalls: [],
  };
  const cpu: typeof times = { step: [], bareHandler: [], bareCalls: [] };
  for (let round = 0; round < rounds; round++)
    for (const name of ['step', 'bareHandler', 'bareCalls'] as const) {
      const cpuBefore = process.cpuUsage();
      const began = performance.now();
      for (let turn = 0; turn < perRound; turn++) await measured[name]();
      times[name].push((performance.now() - began) / perRound);
      const { user, system } = process.cpuUsage(cpuBefore);
      cpu[name].push((user + system) / 1_000 / perRound);
    }

  const comparison = {
    where,
    ratio: ratios(times.step, times.bareHandler),
    ratioToCalls: ratios(times.step, times.bareCalls),
    cpuRatio: ratios(cpu.step, cpu.bareHandler),
    step: spread(times.step),
    bareHandler: spread(times.bareHandler),
    bareCalls: spread(times.bareCalls),
  };
  printTable(`${where}: a step beside its five calls`, {
    step: row(comparison.step, '', spread(cpu.step)),
    'bare handler, same calls': row(
      comparison.bareHandler,
      ratioText(comparison.ratio),
      spread(cpu.bareHandler),
    ),
    'the calls alone': row(
      comparison.bareCalls,
      ratioText(comparison.ratioToCalls),
      spread(cpu.bareCalls),
    ),
  });
  printTarget(
    `${where}: a step takes at most ${target} × the floor (${number(comparison.ratio.median)})`,
    comparison.ratio.median <= target,
  );
  return comparison;
}

function row(ms: Spread, ratio: string, cpu: Spread) {
  return {
    'the step by it': ratio,
    ms: spreadText(ms),
    'CPU ms, client and application': spreadText(cpu),
  };
}

const ratioText = ({ median, min, max }: Spread) =>
  `${median.toFixed(3)} (${min.toFixed(2)} to ${max.toFixed(2)})`;

function ratios(ours: readonly number[], floor: readonly number[]): Spread {
  return spread(ours.map((value, round) => value / (floor[round] ?? NaN)));
}

function ok(status: number): void {
  if (status !== 200) throw new Error(`A delivery was answered ${status}.`);
}
