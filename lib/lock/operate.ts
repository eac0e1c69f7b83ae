import { lookAt } from './due.js';
import { remember } from './history.js';
import type { Lock } from './lock.js';
import type { Terms } from './terms.js';

/** A failed run goes on at the step that failed, with its attempts counted anew. Undefined: it has not failed. */
export function retry(
  lock: Lock,
  operationId: string,
  now: number,
  terms: Terms,
): Lock | undefined {
  if (lock.state !== 'failed') return undefined;
  const number = lock.number + 1;
  return lock.with({
    end: undefined,
    tries: 0,
    postponed: 0,
    looks: 0,
    missed: 0,
    task: lock.task && { ...lock.task, at: undefined },
    number,
    firstNumber: number,
    settledBy: operationId,
    due: lookAt(now, terms),
    history: remember(lock, 'retried', now, terms),
  });
}

/** A run ends where it is; whoever holds its lease has lost it. Undefined: no run is under way. */
export function cancel(
  lock: Lock,
  operationId: string,
  now: number,
  terms: Terms,
): Lock | undefined {
  if (!lock.active) return undefined;
  return lock.with({
    end: 'cancelled',
    leaseId: '',
    holder: undefined,
    due: undefined,
    settledBy: operationId,
    history: remember(lock, 'cancelled', now, terms),
  });
}

/** The alert of a failed run has been sent: nothing is owed any more. */
export function alertSent(lock: Lock): Lock {
  return lock.with({ due: undefined });
}
