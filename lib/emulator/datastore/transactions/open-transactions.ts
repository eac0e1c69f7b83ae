import type { Clock } from '../../../system/clock.js';
import { invalidTransaction } from '../refusals.js';
import type { DatabaseRequest, TransactionOptions } from '../wire/requests.js';
import { Expiry } from './expiry.js';
import type { Transaction } from './transaction.js';

/** The transactions that can be used: begun, not yet ended, not expired. */
export class OpenTransactions {
  readonly #open = new Map<string, { transaction: Transaction; expiry: Expiry }>();
  #begun = 0;

  /**
   * @param engine A number that no other engine on the same storage has: ids of an earlier one stay unknown.
   * @param onEnd Called once for every transaction that ends here, however it does.
   */
  constructor(
    private readonly clock: Clock,
    private readonly engine: number,
    private readonly onEnd: (transaction: Transaction) => void,
  ) {}

  begin(
    { projectId, databaseId }: DatabaseRequest,
    options: TransactionOptions | null,
  ): Transaction {
    const id = this.#nextId();
    const readOnly = options?.mode === 'readOnly';
    const transaction: Transaction = { id, readOnly, projectId, databaseId, reads: [] };
    const expiry = new Expiry(this.clock, () => this.end(transaction));
    this.#open.set(id.toString('latin1'), { transaction, expiry });
    return transaction;
  }

  /** The open transaction of that id, used just now. Throws INVALID_ARGUMENT if there is none in the database. */
  use(id: Buffer, database: DatabaseRequest): Transaction {
    const found = this.#open.get(id.toString('latin1'));
    if (
      found?.transaction.projectId !== database.projectId ||
      found.transaction.databaseId !== database.databaseId
    ) {
      throw invalidTransaction();
    }
    found.expiry.use();
    return found.transaction;
  }

  /** Takes the transaction out of use; what it holds stays held until `end`. Same errors as `use`. */
  close(id: Buffer, database: DatabaseRequest): Transaction {
    const transaction = this.use(id, database);
    this.#forget(transaction);
    return transaction;
  }

  end(transaction: Transaction): void {
    this.#forget(transaction);
    this.onEnd(transaction);
  }

  endAll(): void {
    for (const { transaction } of this.#open.values()) this.end(transaction);
  }

  #forget({ id }: Transaction): void {
    const name = id.toString('latin1');
    this.#open.get(name)?.expiry.stop();
    this.#open.delete(name);
  }

  #nextId(): Buffer {
    const id = Buffer.alloc(12);
    id.writeUInt32BE(this.engine, 0);
    id.writeBigUInt64BE(BigInt(++this.#begun), 4);
    return id;
  }
}
