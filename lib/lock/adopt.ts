import { takeableAt } from './due.js';
import type { Lock, StoredTask } from './lock.js';
import type { Terms } from './terms.js';

/** What a lock of the Go library is given, so that its chain is looked after like any other. */
export interface AdoptionRequest {
  /** How its present step is dispatched again, which the Go library did not store. */
  readonly task: StoredTask;
  readonly project: string;
  /** How long the tasks that the Go library created may still come by themselves, milliseconds. */
  readonly patience: number;
}

/** What becomes of a lock that is to be adopted. One with a lock is to be stored. */
export type Adoption =
  | { readonly outcome: 'adopted'; readonly lock: Lock }
  /** Nothing is owed: it has completed, or nothing was ever scheduled. */
  | { readonly outcome: 'over' }
  /** This package has written it already. */
  | { readonly outcome: 'ours' };

/**
 * Decides about a lock that the Go library may have left behind: what it held, and what it parked until a task comes, is
 * looked at when that task has had its time, and a holder its timeout. It gets its run with its first settle.
 */
export function adopt(
  lock: Lock | undefined,
  { task, project, patience }: AdoptionRequest,
  now: number,
  terms: Terms,
): Adoption {
  if (!lock) return { outcome: 'over' };
  if (lock.run !== '' || lock.freshRun !== '' || lock.due !== undefined) return { outcome: 'ours' };
  if (!lock.active && !lock.awaitsFirstTask) return { outcome: 'over' };
  const takeable = lock.state === 'held' ? takeableAt(lock, terms) : 0;
  const due = Math.max(takeable, now + patience);
  return { outcome: 'adopted', lock: lock.with({ task, project, due }) };
}
