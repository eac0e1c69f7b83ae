import type { Delivery } from '../../lib/lock/acquire.js';
import { Lock, type LockFields } from '../../lib/lock/lock.js';
import type { Terms } from '../../lib/lock/terms.js';

/** A moment that every lock of these tests is at. */
export const now = Date.UTC(2026, 0, 1);
export const minute = 60_000;

export const terms: Terms = {
  leaseDuration: minute,
  leaseTimeout: 10.5 * minute,
  maxRetries: 10,
  maxPostpones: 3,
  onLost: 'retry',
  backoff: { min: 10_000, max: 600_000 },
  dispatchGrace: minute,
  historyLength: 20,
};

export const run = 'a'.repeat(32);
export const task = { name: 'one', queue: 'default' };

/** A delivery of step 3 of the run. */
export const delivery: Delivery = {
  run,
  step: 3,
  number: 0,
  leaseId: 'mine',
  freshRun: 'f'.repeat(32),
  holder: { renews: true },
  task: { name: 'delivered', queue: 'q' },
};

export const settlement = { leaseId: 'mine', now };

/** Step 3 of the run, due, untouched. */
export function ready(changes: Partial<LockFields> = {}): Lock {
  return new Lock({ run, step: 3, task, timestamp: now - 1, due: now + minute, ...changes });
}

/** Step 3 of the run, held by another request that renews, acquired `age` milliseconds ago. */
export function held(age: number, changes: Partial<LockFields> = {}): Lock {
  return ready({
    leaseId: 'other',
    timestamp: now - age,
    holder: { since: now - age, renews: true },
    ...changes,
  });
}

/** One whose holder does not renew. */
export function heldSilently(age: number): Lock {
  return held(age, { holder: { since: now - age, renews: false } });
}
