import type { View } from '../storage/view.js';
import type { Isolation } from './isolation.js';
import type { Locks } from './locks.js';
import type { ReadTarget, WriteTarget } from './read-target.js';
import type { Snapshots } from './snapshots.js';
import type { Transaction } from './transaction.js';

/**
 * What a transaction has read stays as it is until the transaction ends: writers wait. With its reads locked, the
 * latest state is the state of one moment, that of its commit.
 */
export class PessimisticIsolation implements Isolation {
  constructor(
    private readonly locks: Locks,
    private readonly snapshots: Snapshots,
  ) {}

  async read<Result>(
    transaction: Transaction,
    target: ReadTarget,
    use: (view: View) => Result,
  ): Promise<Result> {
    if (transaction.readOnly) return use(this.snapshots.viewOf(transaction));
    return this.locks.share(transaction, target, () => use(this.snapshots.latest()));
  }

  write<Result>(
    transaction: Transaction | undefined,
    target: WriteTarget<Result>,
  ): Promise<Result> {
    return this.locks.write(transaction, target);
  }

  release(transaction: Transaction): void {
    this.snapshots.release(transaction);
    this.locks.release(transaction);
  }
}
