import { plainCircumstances, type Circumstances } from './circumstances.js';
import { EnumeratingOracle, type Bounds } from './decisions/enumerating-oracle.js';
import { runSchedule, type Schedule } from './run-schedule.js';

/** How far an enumeration has come. */
export interface Enumerated {
  readonly schedules: number;
  readonly isComplete: boolean;
  readonly failing: Schedule | undefined;
}

/**
 * Runs every schedule of one chain of two steps in two instances, within bounds: every placing of so many faults at
 * every call and delivery, and every order that deviates so often from first come, first served.
 *
 * @param limit stops after so many schedules
 */
export async function enumerate(
  bounds: Bounds,
  concurrency: Circumstances['concurrency'],
  onProgress: (schedules: number) => void = () => {},
  limit = Infinity,
): Promise<Enumerated> {
  const circumstances = plainCircumstances(concurrency);
  const oracle = new EnumeratingOracle(bounds);
  for (let schedules = 1; ; schedules++) {
    const schedule = await runSchedule(circumstances, oracle);
    if (schedule.violation) return { schedules, isComplete: false, failing: schedule };
    if (schedules % 10_000 === 0) onProgress(schedules);
    if (!oracle.next()) return { schedules, isComplete: true, failing: undefined };
    if (schedules >= limit) return { schedules, isComplete: false, failing: undefined };
  }
}
