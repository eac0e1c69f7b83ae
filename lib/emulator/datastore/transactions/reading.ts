import { unimplemented } from '../refusals.js';
import type { View } from '../storage/view.js';
import type { DatabaseRequest, ReadOptions, TransactionOptions } from '../wire/requests.js';
import type { Isolation } from './isolation.js';
import type { OpenTransactions } from './open-transactions.js';
import type { ReadTarget } from './read-target.js';
import type { Snapshots } from './snapshots.js';
import type { Transaction } from './transaction.js';

const NO_TRANSACTION = Buffer.alloc(0);

interface Read {
  readonly view: View;
  /** The id of the transaction that began with this read; otherwise empty. */
  readonly begun: Buffer;
}

/** What a read sees, by its read options: the present, a transaction's state, or that of one begun by it. */
export class Reading {
  constructor(
    private readonly transactions: OpenTransactions,
    private readonly isolation: Isolation,
    private readonly snapshots: Snapshots,
  ) {}

  async read(
    options: ReadOptions | null,
    database: DatabaseRequest,
    target: ReadTarget,
  ): Promise<Read> {
    switch (options?.consistencyType) {
      case 'transaction': {
        const transaction = this.transactions.use(options.transaction, database);
        return { view: await this.#readIn(transaction, target), begun: NO_TRANSACTION };
      }
      case 'newTransaction': {
        refuseReadTime(options.newTransaction);
        const transaction = this.transactions.begin(database, options.newTransaction);
        return { view: await this.#readIn(transaction, target), begun: transaction.id };
      }
      case 'readTime':
        throw unimplemented('reads at a given time');
      case 'readConsistency':
      case undefined:
      default:
        return { view: this.snapshots.latest(), begun: NO_TRANSACTION };
    }
  }

  async #readIn(transaction: Transaction, target: ReadTarget): Promise<View> {
    try {
      return await this.isolation.read(transaction, target);
    } catch (error) {
      this.transactions.end(transaction);
      throw error;
    }
  }
}

export function refuseReadTime(options: TransactionOptions | null): void {
  if (options?.readOnly?.readTime) throw unimplemented('reads at a given time');
}
