import { lookAt } from './due.js';
import type { Lock } from './lock.js';
import type { Terms } from './terms.js';

/** After so many dispatches of a step that nobody took up, somebody is told. */
const stuckAfter = 5;

/** What the sweep knows beside the lock. */
export interface Observation {
  /** The lock as it was when the queue was asked; what has moved on since is left alone. */
  readonly seen: Lock;
  /** Whether the queue still has the task that was created by name for the seen lock's step. */
  readonly taskExists: boolean;
  /** The project that this application runs in. */
  readonly project: string;
}

/** What the sweep does about a lock that is due. One with a lock is to be stored. */
export type Recovery =
  /** It is not due any more, or belongs to data that was restored from elsewhere. */
  | { readonly action: 'skip' }
  /** Its task is still in the queue: only look again later. */
  | { readonly action: 'look later'; readonly lock: Lock }
  /** Its task is to be created anew, under the lock's number. */
  | { readonly action: 'dispatch'; readonly lock: Lock; readonly isStuck: boolean }
  /** It owes its alert. */
  | { readonly action: 'alert' };

/** Decides what to do about a lock whose time has come. */
export function recover(
  lock: Lock | undefined,
  { seen, taskExists, project }: Observation,
  now: number,
  terms: Terms,
): Recovery {
  if (!lock || lock.due === undefined || lock.due > now) return { action: 'skip' };
  if (isForeign(lock, project)) return { action: 'skip' };
  if (lock.state === 'failed') return { action: 'alert' };
  const isSame = lock.run === seen.run && lock.step === seen.step && lock.number === seen.number;
  const isUnderWay = lock.active || lock.awaitsFirstTask;
  if (!isUnderWay || !isSame) return { action: 'skip' };
  const looked = timeUp(lock).with({
    looks: lock.looks + 1,
    due: lookAt(now, terms, lock.looks + 1),
  });
  if (taskExists) return { action: 'look later', lock: looked };
  const missed = lock.missed + 1;
  return {
    action: 'dispatch',
    lock: looked.with({ number: lock.number + 1, missed }),
    isStuck: missed === stuckAfter,
  };
}

/** Whether a lock came with data that was restored from another project: its chain goes on there. */
export function isForeign(lock: Lock, project: string): boolean {
  return lock.project !== '' && lock.project !== project;
}

/** A step that still waits when it is due goes on without those that have not arrived. */
export function timeUp(lock: Lock): Lock {
  return lock.state === 'waiting' ? lock.with({ arrivals: 0, timedOut: true }) : lock;
}
