import { lookAt } from './due.js';
import { remember } from './history.js';
import type { Lock } from './lock.js';
import { timeUp } from './recover.js';
import { fail, release } from './settle.js';
import type { Terms } from './terms.js';

/** What a release by hand leaves in `Lock.error`. */
const releasedByHand = 'The lease was released by hand. Nobody knows how far its holder had come.';

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
    log: remember(lock, 'retried', now, terms),
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
    log: remember(lock, 'cancelled', now, terms),
  });
}

/**
 * A step that is due later is due now, and one that waits for arrivals goes on without those that lack, as at its
 * deadline. Undefined: no step waits.
 */
export function runNow(
  lock: Lock,
  operationId: string,
  now: number,
  terms: Terms,
): Lock | undefined {
  if (lock.state !== 'ready' && lock.state !== 'waiting') return undefined;
  const number = lock.number + 1;
  return timeUp(lock).with({
    looks: 0,
    missed: 0,
    task: lock.task && { ...lock.task, at: undefined },
    number,
    firstNumber: number,
    settledBy: operationId,
    due: lookAt(now, terms),
    log: remember(lock, 'hastened', now, terms),
  });
}

/**
 * A held lease ends as a lost one does, at once: it counts as an attempt, and the step is due again after its backoff;
 * or the run fails, when no attempt is left or the outcome of a lost one must not be guessed. What the holder would
 * settle is refused. Undefined: nobody holds a lease.
 */
export function releaseByHand(
  lock: Lock,
  operationId: string,
  now: number,
  terms: Terms,
): Lock | undefined {
  if (lock.state !== 'held') return undefined;
  const end = terms.onLost === 'fail' ? fail : release;
  return end(lock, releasedByHand, { leaseId: operationId, now }, terms);
}

/**
 * The task of a step is created anew, under another name, beside the one that may still be there: whichever comes first
 * runs the step. Undefined: the step is not to be delivered, because it waits or there is none.
 */
export function redispatch(
  lock: Lock,
  operationId: string,
  now: number,
  terms: Terms,
): Lock | undefined {
  if (lock.state !== 'ready' && lock.state !== 'held') return undefined;
  const at = Math.max(now, lock.task?.at ?? 0);
  // Of a held step the due time says when it may be taken; that stays so.
  const due = lock.state === 'held' && (lock.due ?? 0) > now ? lock.due : lookAt(at, terms);
  return lock.with({
    looks: 0,
    number: lock.number + 1,
    settledBy: operationId,
    due,
    log: remember(lock, 'redispatched', now, terms),
  });
}

/** The alert of a failed run has been sent: nothing is owed any more. */
export function alertSent(lock: Lock): Lock {
  return lock.with({ due: undefined });
}
