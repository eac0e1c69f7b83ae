import { keyText } from '../datastore/keys.js';
import { readLock } from '../datastore/lock-properties.js';
import type { Transaction } from '../datastore/transaction.js';
import type { Attempt, Transactions } from '../datastore/transactions.js';
import type { Transacted } from '../delivery/holding.js';
import type { HeldLease } from '../delivery/held-lease.js';
import type { Obligations } from '../delivery/obligations.js';
import type { KeyProto } from '../google/datastore-api.js';
import { standing } from '../lock/lease.js';
import type { Lock } from '../lock/lock.js';
import { OutcomeUnknownError } from '../locker.errors.js';
import type { Arming } from '../datastore/arming.js';
import type { LockerTransaction } from './locker-transaction.js';
import { TransactionScope, type ScopeTools } from './transaction-scope.js';

/** What a transaction's function does. */
export type TransactionWork<T> = (tx: LockerTransaction) => Promise<T>;

type ScopedWork<T> = (scope: TransactionScope) => Promise<T>;

/** A try that was about to commit, and what it would have come to. */
interface Tried<T> {
  readonly result: T;
  readonly scope: TransactionScope;
  readonly moved: ReadonlyMap<KeyProto, Lock>;
}

/** Thrown inside a transaction, so that nothing but its own calls happens while it is open. */
class Unarmed extends Error {
  constructor(readonly namespaces: readonly string[]) {
    super('a sweep must be armed first');
  }
}

/** Runs transactions over several entities, fenced for every lease that they settle. */
export class Transactor {
  constructor(
    private readonly transactions: Transactions,
    private readonly obligations: Obligations,
    private readonly arming: Arming,
    private readonly tools: ScopeTools,
  ) {}

  /**
   * Runs `work` and commits what it asks for, again when others conflict with it; then dispatches what is owed.
   *
   * @param lease the lease of the handler that asks for it, if one does
   * @throws OutcomeUnknownError after a commit that may have been applied, if nothing in it can be recognised
   */
  async transact<T>(work: TransactionWork<T>, lease: HeldLease | undefined): Promise<T> {
    if (!lease) return (await this.commit(work, undefined)).result;
    let latest: TransactionScope | undefined;
    const watched = (scope: TransactionScope) => work((latest = scope));
    try {
      return await lease.holding.transact(() => this.commit(watched, lease));
    } catch (error) {
      if (latest?.own?.settle) lease.settleFailed(error);
      throw error;
    }
  }

  private async commit<T>(
    work: ScopedWork<T>,
    lease: HeldLease | undefined,
  ): Promise<Transacted<T>> {
    const { result, scope, moved } = await this.armed(() => this.run(work, lease));
    scope.committed();
    const own = scope.own && [...moved].find(([key]) => scope.isOwn(key));
    for (const [key, lock] of moved)
      if (!scope.isOwn(key)) await this.obligations.meet(this.tools.addressOf(key), lock, 'first');
    return { result, lease: own && { how: scope.own.settle?.how, lock: own[1] } };
  }

  private async run<T>(work: ScopedWork<T>, lease: HeldLease | undefined): Promise<Tried<T>> {
    let last: Tried<T> | undefined;
    const attempt = async (transaction: Transaction, { inDoubt }: Attempt): Promise<Tried<T>> => {
      if (inDoubt && last && (await wasApplied(transaction, last.scope, lease))) return last;
      const scope = new TransactionScope(transaction, this.tools, lease);
      const result = await work(scope);
      const { mutations, moved } = await scope.result();
      const unarmed = [...moved.keys()]
        .map(namespaceOf)
        .filter((name) => this.arming.isNeeded(name));
      if (unarmed.length > 0 && !inDoubt) throw new Unarmed(unarmed);
      last = { result, scope, moved };
      if (mutations.length > 0) await transaction.commit(mutations);
      return last;
    };
    try {
      return await this.transactions.run('a transaction', attempt);
    } finally {
      // As after every write, and after one that may yet be applied: the time slot may have changed meanwhile.
      for (const key of last?.moved.keys() ?? []) await this.arming.arm(namespaceOf(key));
    }
  }

  private async armed<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;)
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Unarmed)) throw error;
        for (const namespace of error.namespaces) await this.arming.arm(namespace);
      }
  }
}

/**
 * Whether a commit of unknown outcome took effect: one lease that it ended or one run that it began tells for all.
 *
 * @throws OutcomeUnknownError when nothing tells
 */
async function wasApplied(
  transaction: Transaction,
  scope: TransactionScope,
  lease: HeldLease | undefined,
): Promise<boolean> {
  const ownKey = scope.own?.settle && scope.own.key;
  const keys = [...(ownKey ? [ownKey] : []), ...scope.started.keys()];
  const entities = keys.length > 0 ? await transaction.lookup(keys) : [];
  for (const [index, key] of keys.entries()) {
    const entity = entities[index];
    const lock = entity && readLock(entity);
    if (key === ownKey && lease) {
      const state = standing(lock, lease.holding.tenure.lock);
      if (state !== 'lost') return state === 'settled';
    }
    const begun = scope.started.get(key);
    if (begun && lock?.run === begun.run) return true;
    if (begun && (lock?.run ?? '') === begun.before) return false;
  }
  throw new OutcomeUnknownError(keys.map(keyText).join(', ') || 'a transaction');
}

function namespaceOf({ partitionId }: KeyProto): string {
  return partitionId?.namespaceId ?? '';
}
