import { Status, statusOf } from '../google/status.js';
import type {
  DatastoreApi,
  EntityProto,
  KeyProto,
  LookupResponse,
  MutationProto,
  ReadOptionsProto,
  TransactionOptionsProto,
} from '../google/datastore-api.js';
import { keyText } from './keys.js';
import { milliseconds } from './timestamp.js';

/** One database, and how to reach it. */
export interface Database {
  readonly api: DatastoreApi;
  readonly projectId: string;
  /** Empty: the default database. */
  readonly databaseId: string;
  /** Begin with the first read, which saves a call; false begins explicitly. */
  readonly beginOnRead: boolean;
}

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
    const found = new Map<string, EntityProto>();
    let remaining: KeyProto[] = [...keys];
    while (remaining.length > 0) {
      const answer: LookupResponse = await this.read(remaining);
      for (const { entity } of answer.found ?? [])
        if (entity) found.set(keyText(entity.key ?? {}), entity);
      remaining = answer.deferred ?? [];
    }
    return keys.map((key) => found.get(keyText(key)));
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

  private async read(keys: KeyProto[]): Promise<LookupResponse> {
    const { api, projectId, databaseId } = this.database;
    const readOptions: ReadOptionsProto = this.id
      ? { transaction: this.id }
      : { newTransaction: this.options() };
    const answer = await api.lookup({ projectId, databaseId, keys, readOptions });
    if (answer.transaction?.length) this.id = answer.transaction;
    this.readAt ??= answer.readTime ? milliseconds(answer.readTime) : this.clock.now();
    return answer;
  }

  private options(): TransactionOptionsProto {
    return { readWrite: this.previous ? { previousTransaction: this.previous } : {} };
  }
}
