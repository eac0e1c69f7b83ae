import { takeableAt } from './due.js';
import { remember } from './history.js';
import { renew } from './lease.js';
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

/** The delivery may run its step. */
export type Grant =
  | { readonly verdict: 'acquired'; readonly lock: Lock }
  | { readonly verdict: 'taken-over'; readonly lock: Lock };

/** The delivery may not run. `owed`: what must be done before it is answered. */
export type Refusal =
  | { readonly verdict: 'stale'; readonly reason: string; readonly owed: boolean }
  | { readonly verdict: 'superseded'; readonly owed: boolean }
  | { readonly verdict: 'busy'; readonly until: number }
  | { readonly verdict: 'ahead' }
  | { readonly verdict: 'failed'; readonly lock: Lock };

/** What becomes of a delivery. One with a lock is to be stored. */
export type Verdict = Grant | Refusal;

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
  if (!lock || neverScheduled(lock)) return stale('nothing was scheduled');
  if (lock.run !== delivery.run) return stale('it belongs to another run');
  if (!lock.active && !lock.awaitsFirstTask) return ended(lock, delivery);
  if (lock.step > delivery.step) return passed(lock, delivery);
  if (lock.step < delivery.step) return { verdict: 'ahead' };
  if (lock.state === 'waiting' && now < (lock.due ?? 0))
    return stale('the step waits for arrivals');
  if (delivery.number < lock.firstNumber)
    return { verdict: 'superseded', owed: lock.state === 'ready' };
  if (lock.leaseId === '') return { verdict: 'acquired', lock: hold(lock, delivery, now, terms) };
  // Our own commit, whose answer was lost.
  if (lock.leaseId === delivery.leaseId)
    return {
      verdict: lock.error === lost ? 'taken-over' : 'acquired',
      lock: renew(lock, now, terms),
    };

  const until = takeableAt(lock, terms, lock.leaseId === delivery.endedLease);
  if (now < until) return { verdict: 'busy', until };
  if (terms.onLost === 'fail' || lock.tries >= terms.maxRetries)
    return {
      verdict: 'failed',
      lock: fail(named(lock, delivery), lost, { ...delivery, now }, terms),
    };
  const log = remember(lock, 'lost', now, terms);
  const taken = lock.with({ tries: lock.tries + 1, error: lost, log });
  return { verdict: 'taken-over', lock: hold(taken, delivery, now, terms) };
}

function neverScheduled(lock: Lock): boolean {
  return lock.state === 'idle' && !lock.awaitsFirstTask;
}

function ended(lock: Lock, delivery: Delivery): Verdict {
  const alertOwed =
    lock.state === 'failed' && lock.step === delivery.step && lock.due !== undefined;
  return stale(`the run is ${lock.state}`, alertOwed);
}

/** The step is over. Its successor may lack its task, if the holder died between commit and dispatch. */
function passed(lock: Lock, delivery: Delivery): Verdict {
  const untouched = lock.step === delivery.step + 1 && lock.state === 'ready' && lock.tries === 0;
  return stale(`the chain is at step ${lock.step}`, untouched);
}

function stale(reason: string, owed = false): Verdict {
  return { verdict: 'stale', reason, owed };
}

function hold(lock: Lock, delivery: Delivery, now: number, terms: Terms): Lock {
  const held = named(lock, delivery).with({
    leaseId: delivery.leaseId,
    timestamp: now,
    holder: { since: now, ...delivery.holder },
    task: isGos(lock, delivery) ? delivery.task : (lock.task ?? delivery.task),
    looks: 0,
    missed: 0,
    timedOut: lock.timedOut || lock.arrivals > 0,
    arrivals: Math.min(0, lock.arrivals),
  });
  return held.with({ due: takeableAt(held, terms) });
}

/** A task of the Go library knows its parameters; what the lock was given when it was adopted is a guess. */
function isGos(lock: Lock, delivery: Delivery): boolean {
  return lock.run === '' && delivery.number === 0;
}

/** A lock of the Go library gets a run id with its first settle, because the task at hand still comes without. */
function named(lock: Lock, { freshRun }: Delivery): Lock {
  return lock.run === '' && lock.freshRun === '' ? lock.with({ freshRun }) : lock;
}
