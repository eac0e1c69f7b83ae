import { keyText } from '../datastore/keys.js';
import { readLock } from '../datastore/lock-properties.js';
import type { Transaction } from '../datastore/transaction.js';
import type { HeldLease } from '../delivery/held-lease.js';
import type { KeyProto } from '../google/datastore-api.js';
import { standing } from '../lock/lease.js';
import type { Lock } from '../lock/lock.js';
import { OutcomeUnknownError } from '../locker.errors.js';
import type { TransactionScope } from './transaction-scope.js';

/** A try that was about to commit, and what it would have come to. */
export interface Tried<T> {
  readonly result: T;
  readonly scope: TransactionScope;
  readonly moved: ReadonlyMap<KeyProto, Lock>;
}

/** What is known of a try whose commit was answered by an error. */
type Fate = 'applied' | 'one was applied' | 'not applied' | 'unknown';

/**
 * Which of the tries of unknown outcome took effect, if one did: a run that it began or a lease that it ended tells for all.
 *
 * @throws OutcomeUnknownError when nothing tells
 */
export async function appliedOf<T>(
  tries: readonly Tried<T>[],
  transaction: Transaction,
  lease: HeldLease | undefined,
): Promise<Tried<T> | undefined> {
  if (tries.length === 0) return undefined;
  const keys = new Map(
    tries.flatMap(({ scope }) => scope.traces.map((key) => [keyText(key), key])),
  );
  const entities = keys.size > 0 ? await transaction.lookup([...keys.values()]) : [];
  const locks = new Map<string, Lock | undefined>();
  for (const [index, text] of [...keys.keys()].entries()) {
    const entity = entities[index];
    locks.set(text, entity && readLock(entity));
  }
  const fates = tries.map(({ scope }) => fateOf(scope, (key) => locks.get(keyText(key)), lease));
  // Every try ends the same lease, but each begins runs of its own.
  const applied = tries[fates.indexOf('applied')] ?? tries[fates.lastIndexOf('one was applied')];
  if (!applied && fates.includes('unknown'))
    throw new OutcomeUnknownError([...keys.keys()].join(', ') || 'a transaction');
  return applied;
}

function fateOf(
  { own, started }: TransactionScope,
  stored: (key: KeyProto) => Lock | undefined,
  lease: HeldLease | undefined,
): Fate {
  const runs = [...started].map(([key, run]) => ({ ...run, present: stored(key)?.run ?? '' }));
  if (runs.some(({ present, run }) => present === run)) return 'applied';
  const state = own?.settle && lease && standing(stored(own.key), lease.holding.tenure.lock);
  if (state === 'settled') return 'one was applied';
  if (state === 'held' || runs.some(({ present, before }) => present === before))
    return 'not applied';
  return 'unknown';
}
