import { plainCircumstances, type Circumstances } from './circumstances.js';
import { SeenBefore } from './decisions/oracle.js';
import { EnumeratingOracle, type Bounds } from './enumeration/enumerating-oracle.js';
import { runSchedule, type Schedule } from './run-schedule.js';

/** How far an enumeration has come. */
export interface Enumerated {
  /** Runs, from the beginning to their end or to where another run had been. */
  readonly schedules: number;
  /** Those in which moments ended. */
  readonly states: ReadonlySet<string>;
  readonly failing: Schedule | undefined;
}

/**
 * Runs every schedule of one chain of two steps in two instances, within bounds: every placing of so many faults at
 * every call and delivery, and every order of what happens at the same moment, as far as the order matters.
 */
export async function enumerate(
  bounds: Bounds,
  concurrency: Circumstances['concurrency'],
  onProgress: (schedules: number) => void = () => {},
): Promise<Enumerated> {
  const circumstances = plainCircumstances(concurrency);
  const oracle = new EnumeratingOracle(bounds);
  for (let schedules = 1; ; schedules++) {
    const schedule = await unlessSeen(runSchedule(circumstances, oracle));
    const { states } = oracle;
    if (schedule?.violation) return { schedules, states, failing: schedule };
    if (schedules % 10_000 === 0) onProgress(schedules);
    if (!oracle.next()) return { schedules, states, failing: undefined };
  }
}

async function unlessSeen(running: Promise<Schedule>): Promise<Schedule | undefined> {
  try {
    return await running;
  } catch (error) {
    if (error instanceof SeenBefore) return undefined;
    throw error;
  }
}
