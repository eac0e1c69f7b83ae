import { invalidArgument } from '../refusals.js';
import type { Isolation } from '../transactions/isolation.js';
import type { OpenTransactions } from '../transactions/open-transactions.js';
import type { CommitRequest } from '../wire/requests.js';
import type { CommitResponse } from '../wire/responses.js';
import type { Committer } from './committer.js';

/** The three ways to commit: a transaction, a transaction of this one request, or without any. */
export class Commits {
  constructor(
    private readonly committer: Committer,
    private readonly transactions: OpenTransactions,
    private readonly isolation: Isolation,
  ) {}

  async commit(request: CommitRequest): Promise<CommitResponse> {
    const isTransactional = request.mode !== 'NON_TRANSACTIONAL';
    switch (request.transactionSelector) {
      case 'transaction':
        if (!isTransactional) {
          throw invalidArgument('non-transaction commit cannot specify a transaction');
        }
        return this.#commitTransaction(request, request.transaction);
      case 'singleUseTransaction':
        if (request.singleUseTransaction.mode === 'readOnly') {
          throw invalidArgument('single_use_transaction in a commit request must be READ_WRITE.');
        }
        return this.isolation.write(undefined, this.committer.prepare(request));
      case undefined:
      default:
        if (isTransactional) throw invalidArgument('transactional commit requires a transaction');
        return this.isolation.write(undefined, this.committer.prepare(request));
    }
  }

  async #commitTransaction(request: CommitRequest, id: Buffer): Promise<CommitResponse> {
    const { readOnly } = this.transactions.use(id, request);
    if (readOnly && request.mutations.length > 0) {
      throw invalidArgument('Cannot modify entities in a read-only transaction.');
    }
    const target = this.committer.prepare(request);
    const transaction = this.transactions.close(id, request);
    try {
      return await this.isolation.write(transaction, target);
    } finally {
      this.transactions.end(transaction);
    }
  }
}
