import { circumstancesOf, type Circumstances } from './circumstances.js';
import type { Oracle } from './decisions/oracle.js';
import { RecordedOracle, type Decision } from './decisions/recorded-oracle.js';
import { ReplayingOracle } from './decisions/replaying-oracle.js';
import { SamplingOracle } from './decisions/sampling-oracle.js';
import { Simulation, type Result } from './simulation.js';

/** A run, and what was decided in it. */
export interface Schedule extends Result {
  readonly decisions: readonly Decision[];
}

/** Runs one schedule to its end. */
export async function runSchedule(
  circumstances: Circumstances,
  oracle: Oracle,
  isTold = false,
): Promise<Schedule> {
  const recorded = new RecordedOracle(oracle);
  const result = await withoutStacks(() => new Simulation(recorded, circumstances, isTold).run());
  return { ...result, decisions: recorded.decisions };
}

/** The schedule of a seed. */
export function runSeed(seed: number, isTold = false): Promise<Schedule> {
  return runSchedule(circumstancesOf(seed), new SamplingOracle(seed), isTold);
}

/** A schedule again, as written down. */
export function replay(
  circumstances: Circumstances,
  decisions: readonly Decision[],
  isTold = false,
): Promise<Schedule> {
  return runSchedule(circumstances, new ReplayingOracle(decisions), isTold);
}

/** Nobody reads the stacks of simulated failures, and they cost more than all the rest. */
async function withoutStacks<T>(work: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
