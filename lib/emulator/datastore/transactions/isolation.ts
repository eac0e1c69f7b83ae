import type { View } from '../storage/view.js';
import type { ReadTarget, WriteTarget } from './read-target.js';
import type { Transaction } from './transaction.js';

/** How transactions are kept from seeing each other's work: the two concurrency modes of a database. */
export interface Isolation {
  /** Calls `use` with the entities as the transaction may see them, when it may. Throws ABORTED. */
  read<Result>(
    transaction: Transaction,
    target: ReadTarget,
    use: (view: View) => Result,
  ): Promise<Result>;

  /** Writes when it may; `transaction` is absent for a write outside one. Throws ABORTED. */
  write<Result>(transaction: Transaction | undefined, target: WriteTarget<Result>): Promise<Result>;

  /** The transaction has ended: nothing is held for it any more, and what it waits for fails. */
  release(transaction: Transaction): void;
}
