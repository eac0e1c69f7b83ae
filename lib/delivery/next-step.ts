import type { Lock, PlannedTask } from '../lock/lock.js';
import { advance, wait, type Settlement } from '../lock/settle.js';
import type { Terms } from '../lock/terms.js';
import { TaskRefusedError } from '../locker.errors.js';
import { toMilliseconds } from '../system/duration.js';
import type { NextOptions } from './lease.js';

/**
 * How the lock moves to its next step: at once, or by way of waiting for arrivals.
 *
 * @throws TaskRefusedError for a wait without an end
 */
export function nextMove(
  task: PlannedTask,
  { waitFor, within }: NextOptions,
  terms: Terms,
): (lock: Lock, settlement: Settlement) => Lock {
  if (waitFor === undefined) return (lock, settlement) => advance(lock, task, settlement, terms);
  const limit = within === undefined ? undefined : toMilliseconds(within);
  if (!Number.isSafeInteger(waitFor) || waitFor < 0 || limit === undefined)
    throw new TaskRefusedError(
      `Task "${task.name}" was not scheduled: waitFor expects a whole number of arrivals, and within a duration such as '1h'; got ${waitFor} and ${String(within)}.`,
    );
  return (lock, settlement) => wait(lock, task, { arrivals: waitFor, limit }, settlement, terms);
}
