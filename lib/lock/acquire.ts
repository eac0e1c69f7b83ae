import { takeableAt } from './due.js';
import { remember } from './history.js';
import type { Holder, Lock, StoredTask } from './lock.js';
import { fail } from './settle.js';
import type { Terms } from './terms.js';

/** One arrival of a task: the step it is for, and the lease it would take. */
export interface Delivery {
  readonly run: string;
  readonly step: number;
  readonly number: number;
  readonly leaseId: string;
  readonly holder: Omit<Holder, 'since'>;
  /** What was delivered; kept where the lock knows no task, as on entities of the Go library. */
  readonly task: StoredTask;
  /** A run id for an entity that has none, should this delivery settle it. */
  readonly freshRun: string;
  /** A lease whose request is known to have ended. */
  readonly endedLease?: string | undefined;
}

/** What becomes of a delivery. `owed`: what must be done before it is answered. */
export type Verdict =
  | {
      readonly verdict: 'acquired' | 'taken-over';
      readonly lock: Lock;
      readonly from?: Holder | undefined;
    }
  | {
      readonly verdict: 'stale';
      readonly reason: string;
      readonly owed?: 'dispatch' | 'alert' | undefined;
    }
  | { readonly verdict: 'superseded'; readonly owed?: 'dispatch' | undefined }
  | { readonly verdict: 'busy'; readonly until: number }
  | { readonly verdict: 'ahead' }
  | { readonly verdict: 'failed'; readonly lock: Lock };

/** What an attempt of unknown outcome leaves in `Lock.error`. */
const lost = 'The attempt was lost: its holder neither settled nor renewed its lease.';

/**
 * Decides what a delivery may do, from the stored lock alone. The first line that matches wins, and their order
 * is part of the contract: a completed lock's step, -1, is less than every other.
 */
export function acquire(
  lock: Lock | undefined,
  delivery: Delivery,
  now: number,
  terms: Terms,
): Verdict {
  if (!lock || neverScheduled(lock)) return { verdict: 'stale', reason: 'nothing was scheduled' };
  if (lock.run !== delivery.run) return { verdict: 'stale', reason: 'it belongs to another run' };
  if (!lock.active && !fromGo(lock)) return ended(lock, delivery);
  if (lock.step > delivery.step) return passed(lock, delivery);
  if (lock.step < delivery.step) return { verdict: 'ahead' };
  if (lock.state === 'waiting' && now < (lock.due ?? 0))
    return { verdict: 'stale', reason: 'the step waits for arrivals' };
  if (delivery.number < lock.firstNumber)
    return { verdict: 'superseded', owed: lock.state === 'ready' ? 'dispatch' : undefined };
  if (lock.leaseId === '' || lock.leaseId === delivery.leaseId)
    return { verdict: 'acquired', lock: hold(lock, delivery, now, terms) };

  const until = takeableAt(lock, terms, lock.leaseId === delivery.endedLease);
  if (now < until) return { verdict: 'busy', until };
  if (terms.onLost === 'fail' || lock.tries >= terms.maxRetries)
    return { verdict: 'failed', lock: fail(lock, lost, settlement(delivery, now), terms) };
  const history = remember(lock, 'lost', now, terms);
  const taken = lock.with({ tries: lock.tries + 1, error: lost, history });
  return { verdict: 'taken-over', lock: hold(taken, delivery, now, terms), from: lock.holder };
}

function neverScheduled(lock: Lock): boolean {
  return lock.step === 0 && lock.timestamp === undefined;
}

/** The Go library let an entity wait for its first task at step 0, and marked it by its timestamp alone. */
function fromGo(lock: Lock): boolean {
  return lock.state === 'idle' && lock.timestamp !== undefined;
}

function ended(lock: Lock, delivery: Delivery): Verdict {
  const alertOwed =
    lock.state === 'failed' && lock.step === delivery.step && lock.due !== undefined;
  return {
    verdict: 'stale',
    reason: `the run is ${lock.state}`,
    owed: alertOwed ? 'alert' : undefined,
  };
}

/** The step is over. Its successor may lack its task if the holder died between commit and dispatch. */
function passed(lock: Lock, delivery: Delivery): Verdict {
  const untouched = lock.step === delivery.step + 1 && lock.state === 'ready' && lock.tries === 0;
  return {
    verdict: 'stale',
    reason: `the chain is at step ${lock.step}`,
    owed: untouched ? 'dispatch' : undefined,
  };
}

function hold(lock: Lock, delivery: Delivery, now: number, terms: Terms): Lock {
  const held = lock.with({
    leaseId: delivery.leaseId,
    timestamp: now,
    holder: { since: now, ...delivery.holder },
    task: lock.task ?? delivery.task,
    missed: 0,
    timedOut: lock.timedOut || lock.arrivals > 0,
    arrivals: Math.min(0, lock.arrivals),
  });
  return held.with({ due: takeableAt(held, terms) });
}

function settlement({ leaseId, freshRun }: Delivery, now: number) {
  return { leaseId, freshRun, now };
}
