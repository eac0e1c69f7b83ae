import type { View } from '../storage/view.js';
import type { ReadTarget, WriteTarget } from './read-target.js';
import type { Transaction } from './transaction.js';

/** How transactions are kept from seeing each other's work: the two concurrency modes of a database. */
export interface Isolation {
  /** The entities as the transaction may see them, when it may. Throws ABORTED. */
  read(transaction: Transaction, target: ReadTarget): Promise<View>;

  /** Writes when it may; `transaction` is absent for a write outside one. Throws ABORTED. */
  write<Result>(transaction: Transaction | undefined, target: WriteTarget<Result>): Promise<Result>;

  /** The transaction has ended: nothing is held for it any more, and what it waits for fails. */
  release(transaction: Transaction): void;
}
