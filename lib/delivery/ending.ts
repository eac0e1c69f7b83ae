import type { Lock } from '../lock/lock.js';
import { fail, handBack, postpone, release, type Settlement } from '../lock/settle.js';
import type { Terms } from '../lock/terms.js';
import { PermanentTaskError, RetryTaskError } from '../locked-task.errors.js';
import type { LeaseAbortedError } from '../locker.errors.js';

/** The settle of an attempt that did not end well. The handler's changes are not stored. */
export interface Ending {
  readonly how: 'released' | 'postponed' | 'handed back' | 'failed';
  readonly move: (lock: Lock, settlement: Settlement) => Lock;
}

/**
 * Decides what becomes of a step whose handler threw, or returned after its signal had fired.
 *
 * @param aborted why the signal had fired, if it had
 */
export function endingOf(
  failure: unknown,
  aborted: LeaseAbortedError | undefined,
  terms: Terms,
): Ending {
  const reason = describe(failure);
  if (failure instanceof PermanentTaskError)
    return { how: 'failed', move: (lock, settlement) => fail(lock, reason, settlement, terms) };
  if (aborted?.reason === 'shutdown')
    return { how: 'handed back', move: (lock, settlement) => handBack(lock, settlement, terms) };
  if (failure instanceof RetryTaskError) {
    const { delay } = failure;
    return {
      how: 'postponed',
      move: (lock, settlement) => postpone(lock, reason, delay, settlement, terms),
    };
  }
  return { how: 'released', move: (lock, settlement) => release(lock, reason, settlement, terms) };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
