import type { Lock, PlannedTask, StoredTask } from './lock.js';
import type { Terms } from './terms.js';

/** Allowed between the clocks of two instances where Datastore's own time is not to be had. */
const clockSkew = 5_000;

/** The longest the sweep waits before it looks at a step again. */
const longestWait = 3_600_000;

/**
 * When a held lease may be taken over, milliseconds since the epoch: from a holder that renews, soon after the
 * renewal that did not come; from one that does not, once its request is known to have ended, or at the timeout.
 */
export function takeableAt(lock: Lock, terms: Terms, requestEnded = false): number {
  const since = lock.timestamp ?? 0;
  if (lock.holder?.renews) return since + terms.leaseDuration + clockSkew;
  return since + (requestEnded ? terms.leaseDuration : terms.leaseTimeout);
}

/** When the sweep looks at a step that is dispatched for `at`; the rarer, the more often it has looked in vain. */
export function lookAt(at: number, terms: Terms, looks = 0): number {
  return at + Math.min(longestWait, terms.dispatchGrace * 2 ** looks);
}

/** A planned task with its time, as of `now`. */
export function timed({ delay, ...task }: PlannedTask, now: number): StoredTask {
  return delay === undefined ? task : { ...task, at: now + delay };
}
