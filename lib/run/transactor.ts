import { CommitError, type Transaction } from '../datastore/transaction.js';
import type { Transactions } from '../datastore/transactions.js';
import type { Transacted } from '../delivery/holding.js';
import type { HeldLease } from '../delivery/held-lease.js';
import type { Obligations } from '../delivery/obligations.js';
import type { KeyProto } from '../google/datastore-api.js';
import type { Arming } from '../datastore/arming.js';
import { appliedOf, type Tried } from './applied-try.js';
import type { LockerTransaction } from './locker-transaction.js';
import { TransactionScope, type ScopeTools } from './transaction-scope.js';

/** What a transaction's function does. */
export type TransactionWork<T> = (tx: LockerTransaction) => Promise<T>;

type ScopedWork<T> = (scope: TransactionScope) => Promise<T>;

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
    const inDoubt: Tried<T>[] = [];
    const touched = new Set<string>();
    const attempt = async (transaction: Transaction): Promise<Tried<T>> => {
      const applied = await appliedOf(inDoubt, transaction, lease);
      if (applied) return applied;
      const scope = new TransactionScope(transaction, this.tools, lease);
      const result = await work(scope);
      const { mutations, moved } = await scope.result();
      const namespaces = [...moved.keys()].map(namespaceOf);
      const unarmed = namespaces.filter((name) => this.arming.isNeeded(name));
      if (unarmed.length > 0 && inDoubt.length === 0) throw new Unarmed(unarmed);
      for (const name of namespaces) touched.add(name);
      const tried = { result, scope, moved };
      try {
        if (mutations.length > 0) await transaction.commit(mutations);
      } catch (error) {
        if (error instanceof CommitError && error.applied === 'unknown') inDoubt.push(tried);
        throw error;
      }
      return tried;
    };
    try {
      return await this.transactions.run('a transaction', attempt);
    } finally {
      // As after every write, and after one that may yet be applied: the time slot may have changed meanwhile.
      for (const name of touched) await this.arming.arm(name);
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

function namespaceOf({ partitionId }: KeyProto): string {
  return partitionId?.namespaceId ?? '';
}
