import type {
  EntityProto,
  KeyProto,
  MutationProto,
  ReadOptionsProto,
  TransactionOptionsProto,
} from '../google/datastore-api.js';
import { Status, statusOf } from '../google/status.js';
import type { Database } from './database.js';
import { lookup } from './lookup.js';

type Bytes = Uint8Array | string;

/** A commit failed. `applied: 'unknown'`: it may have taken effect all the same. */
export class CommitError extends Error {
  constructor(
    readonly applied: 'no' | 'unknown',
    override readonly cause: unknown,
  ) {
    super('commit failed', { cause });
  }
}

/** After these answers to a commit nobody knows whether it was applied. */
const ambiguous: readonly (number | undefined)[] = [
  Status.UNAVAILABLE,
  Status.DEADLINE_EXCEEDED,
  Status.INTERNAL,
  Status.UNKNOWN,
  Status.CANCELLED,
];

/** One transaction of Datastore. It begins with its first read and must end in a commit or a rollback. */
export class Transaction {
  private id: Bytes | undefined;
  private readAt: number | undefined;

  /** @param previous the transaction that this one repeats: Datastore lets the older one win */
  constructor(
    private readonly database: Database,
    private readonly previous: Bytes | undefined,
    private readonly clock: { now(): number },
  ) {}

  /** Names this transaction to the one that repeats it. */
  get identity(): Bytes | undefined {
    return this.id;
  }

  /** The time of the first read by Datastore's own clock, or ours where it gives none; milliseconds since the epoch. */
  get now(): number {
    return this.readAt ?? this.clock.now();
  }

  /** Reads entities as they were when the transaction began; absent ones are undefined. */
  async lookup(keys: readonly KeyProto[]): Promise<(EntityProto | undefined)[]> {
    if (!this.id && !this.database.beginOnRead) await this.begin();
    const options: ReadOptionsProto = this.id
      ? { transaction: this.id }
      : { newTransaction: this.options() };
    const { entities, transaction, readAt } = await lookup(this.database, keys, options);
    this.id ??= transaction;
    this.readAt ??= readAt ?? this.clock.now();
    return entities;
  }

  /** @throws CommitError, which says whether the writes may have been applied */
  async commit(mutations: MutationProto[]): Promise<void> {
    const { api, projectId, databaseId } = this.database;
    const transaction = this.id ?? '';
    try {
      await api.commit({ projectId, databaseId, mode: 'TRANSACTIONAL', transaction, mutations });
    } catch (error) {
      throw new CommitError(ambiguous.includes(statusOf(error)) ? 'unknown' : 'no', error);
    }
    this.id = undefined;
  }

  /** Frees what the transaction holds: one left open would block others for a minute. */
  async rollback(): Promise<void> {
    const transaction = this.id;
    if (!transaction) return;
    this.id = undefined;
    const { api, projectId, databaseId } = this.database;
    try {
      await api.rollback({ projectId, databaseId, transaction });
    } catch {
      // Nothing was written, and Datastore ends an idle transaction by itself after 60 s.
    }
  }

  private async begin(): Promise<void> {
    const { api, projectId, databaseId } = this.database;
    const transactionOptions = this.options();
    const { transaction } = await api.beginTransaction({
      projectId,
      databaseId,
      transactionOptions,
    });
    this.id = transaction ?? undefined;
  }

  private options(): TransactionOptionsProto {
    return { readWrite: this.previous ? { previousTransaction: this.previous } : {} };
  }
}
