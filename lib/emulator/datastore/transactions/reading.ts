import { unimplemented } from '../refusals.js';
import type { View } from '../storage/view.js';
import type { DatabaseRequest, ReadOptions, TransactionOptions } from '../wire/requests.js';
import type { Isolation } from './isolation.js';
import type { OpenTransactions } from './open-transactions.js';
import type { ReadTarget } from './read-target.js';
import type { Snapshots } from './snapshots.js';
import type { Transaction } from './transaction.js';

const NO_TRANSACTION = Buffer.alloc(0);

/** Reads from a view, at once: the view holds no longer than that. */
type Use<Result> = (
  view: View,
  /** The id of the transaction that begins with this read; otherwise empty. */
  begun: Buffer,
) => Result;

/** What a read sees, by its read options: the present, a transaction's state, or that of one begun by it. */
export class Reading {
  constructor(
    private readonly transactions: OpenTransactions,
    private readonly isolation: Isolation,
    private readonly snapshots: Snapshots,
  ) {}

  async read<Result>(
    options: ReadOptions | null,
    database: DatabaseRequest,
    target: ReadTarget,
    use: Use<Result>,
  ): Promise<Result> {
    switch (options?.consistencyType) {
      case 'transaction': {
        const transaction = this.transactions.use(options.transaction, database);
        return this.#readIn(transaction, target, (view) => use(view, NO_TRANSACTION));
      }
      case 'newTransaction': {
        refuseReadTime(options.newTransaction);
        const transaction = this.transactions.begin(database, options.newTransaction);
        return this.#readIn(transaction, target, (view) => use(view, transaction.id));
      }
      case 'readTime':
        throw unimplemented('reads at a given time');
      case 'readConsistency':
      case undefined:
      default:
        return use(this.snapshots.latest(), NO_TRANSACTION);
    }
  }

  async #readIn<Result>(
    transaction: Transaction,
    target: ReadTarget,
    use: (view: View) => Result,
  ): Promise<Result> {
    try {
      return await this.isolation.read(transaction, target, use);
    } catch (error) {
      this.transactions.end(transaction);
      throw error;
    }
  }
}

export function refuseReadTime(options: TransactionOptions | null): void {
  if (options?.readOnly?.readTime) throw unimplemented('reads at a given time');
}
