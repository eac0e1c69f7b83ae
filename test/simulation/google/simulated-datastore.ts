import { keyText } from '../../../lib/datastore/keys.js';
import { timestamp } from '../../../lib/datastore/timestamp.js';
import { Locks } from '../../../lib/emulator/datastore/transactions/locks.js';
import { RpcError } from '../../../lib/emulator/rpc-error.js';
import type {
  BeginTransactionResponse,
  CommitRequest,
  CommitResponse,
  EntityProto,
  KeyProto,
  LookupRequest,
  LookupResponse,
  RunQueryRequest,
  RunQueryResponse,
} from '../../../lib/google/datastore-api.js';
import { Status } from '../../../lib/google/status.js';
import type { Scheduler } from '../world/scheduler.js';
import type { Answer } from './outcome.js';
import { select, shardAskedFor, shardOf } from './query.js';

/** One entity before and after a commit; undefined: there is none. */
export interface Change {
  readonly key: string;
  readonly before: EntityProto | undefined;
  readonly after: EntityProto | undefined;
}

/** How a database behaves. */
export interface DatabaseMode {
  readonly concurrency: 'optimistic' | 'pessimistic';
  /** Whether reads tell their time; Google's emulator of Datastore does not. */
  readonly tellsTime: boolean;
}

/** After so long without use a transaction is over: https://cloud.google.com/datastore/docs/concepts/limits */
const idleLimit = 60_000;

interface Transaction {
  /** How it came to be begun; the same in every run in which it came about like this. */
  readonly origin: string;
  readonly id: string;
  readonly snapshot: ReadonlyMap<string, EntityProto>;
  readonly reads: Set<string>;
  usedAt: number;
  isCommitting: boolean;
  /** Stops its time limit. */
  keep: () => void;
}

/**
 * Datastore, as much of it as the library calls, without a wire and without storage: a thousand times as fast as the
 * emulator's engine, which it is compared with in `datastore.spec.ts`. Entities are values: never changed, only replaced.
 */
export class SimulatedDatastore<Author> {
  private entities: ReadonlyMap<string, EntityProto> = new Map();
  private readonly transactions = new Map<string, Transaction>();
  private readonly locks: Locks;
  /** Those who wait for locks, in order; here a transaction keeps its locks until it has committed. */
  private readonly waiting = new Set<object>();
  private begun = 0;
  /** Transactions that nobody ended, so that they had to be ended for them. */
  abandoned = 0;

  constructor(
    private readonly mode: DatabaseMode,
    private readonly scheduler: Scheduler,
    private readonly committed: (changes: readonly Change[], by: Author) => void,
  ) {
    this.locks = new Locks({
      now: () => scheduler.now(),
      after: (delayMs, task) =>
        scheduler.after(delayMs, 'Datastore: lock', () => {
          this.touchLocks();
          task();
        }),
    });
  }

  /** Nobody waits for anybody. */
  get isOptimistic(): boolean {
    return this.mode.concurrency === 'optimistic';
  }

  /** What is stored, outside of any call. */
  get stored(): ReadonlyMap<string, EntityProto> {
    return this.entities;
  }

  /** What is stored, the transactions that are open, and who waits for whom. */
  get mark(): string {
    const { entities } = this;
    const open = [...this.transactions.values()].map(
      ({ origin, snapshot, reads, usedAt, isCommitting }) => [
        origin,
        usedAt,
        isCommitting,
        [...reads],
        [...snapshot].map(([key, entity]) => [key, entity, entities.get(key) === entity]),
      ],
    );
    return JSON.stringify([
      [...entities].toSorted(([a], [b]) => (a < b ? -1 : 1)),
      open.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      [...this.waiting],
    ]);
  }

  lookup({ keys, readOptions }: LookupRequest, answer: Answer<LookupResponse>): void {
    const isNew = readOptions?.newTransaction !== undefined;
    const id = readOptions?.transaction;
    const transaction = isNew ? this.begin() : id ? this.use(String(id)) : undefined;
    if (id && !transaction) return answer({ error: noTransaction() });
    const texts = keys.map(keyText);
    const read = (entities: ReadonlyMap<string, EntityProto>): LookupResponse => ({
      found: texts.flatMap((text) => {
        const entity = entities.get(text);
        return entity ? [{ entity }] : [];
      }),
      ...(isNew && transaction && { transaction: Buffer.from(transaction.id) }),
      ...this.readTime(),
    });
    this.scheduler.touch('Datastore', 'reads');
    if (!transaction) return answer({ value: read(this.entities) });
    for (const text of texts) transaction.reads.add(text);
    if (this.isOptimistic) return answer({ value: read(transaction.snapshot) });
    this.waitingFor(
      { origin: transaction.origin, texts },
      this.locks.share(transaction, { keys: new Set(texts) }, () => read(this.entities)),
    ).then(
      (value) => answer({ value }),
      (error: Error) => {
        this.end(transaction);
        answer({ error });
      },
    );
  }

  beginTransaction(answer: Answer<BeginTransactionResponse>): void {
    answer({ value: { transaction: Buffer.from(this.begin().id) } });
  }

  /** @param by who commits; told on to those who watch */
  commit(
    { transaction: id, mutations }: CommitRequest,
    by: Author,
    answer: Answer<CommitResponse>,
  ): void {
    const transaction = id ? this.use(String(id)) : undefined;
    if (id && !transaction) return answer({ error: noTransaction() });
    if (transaction) this.transactions.delete(transaction.id);
    transaction?.keep();
    const writes = new Map(
      mutations.map(({ upsert, insert, update, delete: removed }) => {
        const entity = upsert ?? insert ?? update ?? undefined;
        return [keyText(entity?.key ?? removed ?? {}), entity] as const;
      }),
    );
    if (this.isOptimistic) {
      if (transaction && this.isStale(transaction)) return answer({ error: contention() });
      this.apply(writes, by);
      return answer({ value: this.commitResponse() });
    }
    const apply = () => this.apply(writes, by);
    const target = { keys: new Set(writes.keys()), touches: () => false, apply };
    const waiter = {
      origin: transaction?.origin,
      holds: [...(transaction?.reads ?? [])],
      writes: [...writes],
    };
    this.waitingFor(waiter, this.locks.write(transaction, target)).then(
      () => {
        if (transaction) this.end(transaction);
        answer({ value: this.commitResponse() });
      },
      (error: Error) => {
        if (transaction) this.end(transaction);
        answer({ error });
      },
    );
  }

  /** A commit of the transaction is under way; nothing else can end it any more. */
  expectCommit(id: string): void {
    const transaction = this.transactions.get(id);
    if (transaction) transaction.isCommitting = true;
  }

  rollback(id: string, answer: Answer<object>): void {
    const transaction = this.use(id);
    if (!transaction || transaction.isCommitting) return answer({ error: noTransaction() });
    this.end(transaction);
    answer({ value: {} });
  }

  runQuery({ query, partitionId }: RunQueryRequest, answer: Answer<RunQueryResponse>): void {
    const namespace = partitionId?.namespaceId ?? '';
    this.scheduler.touch(shardAskedFor(query) ?? 'Datastore', 'reads');
    answer({ value: { batch: { ...select(this.entities.values(), query, namespace) } } });
  }

  allocateIds(keys: readonly KeyProto[], answer: Answer<{ keys: KeyProto[] }>): void {
    const complete = keys.map(({ path, ...key }) => {
      const last = { ...path?.at(-1), id: String(++this.begun) };
      return { ...key, path: [...(path?.slice(0, -1) ?? []), last] };
    });
    answer({ value: { keys: complete } });
  }

  private waitingFor<T>(waiter: object, turn: Promise<T>): Promise<T> {
    this.touchLocks();
    this.waiting.add(waiter);
    return turn.finally(() => this.waiting.delete(waiter));
  }

  private apply(writes: ReadonlyMap<string, EntityProto | undefined>, by: Author): void {
    this.scheduler.touch('Datastore', 'writes');
    const entities = new Map(this.entities);
    const changes: Change[] = [];
    for (const [key, after] of writes) {
      changes.push({ key, before: entities.get(key), after });
      for (const shard of [shardOf(entities.get(key)), shardOf(after)])
        if (shard) this.scheduler.touch(shard, 'writes');
      if (after) entities.set(key, after);
      else entities.delete(key);
    }
    this.entities = entities;
    this.committed(changes, by);
  }

  private begin(): Transaction {
    this.scheduler.touch('Datastore', 'reads');
    const transaction: Transaction = {
      origin: this.scheduler.stamp(),
      id: `transaction ${++this.begun}`,
      snapshot: this.entities,
      reads: new Set(),
      usedAt: this.scheduler.now(),
      isCommitting: false,
      keep: () => {},
    };
    this.transactions.set(transaction.id, transaction);
    this.expire(transaction);
    return transaction;
  }

  /** Locks of a transaction that nobody uses any more are given back. */
  private expire(transaction: Transaction): void {
    transaction.keep = this.scheduler.after(
      transaction.usedAt + idleLimit - this.scheduler.now(),
      'Datastore: transaction expires',
      () => {
        if (!this.isIdle(transaction)) return this.expire(transaction);
        this.abandoned++;
        this.end(transaction);
      },
      { content: `expires ${transaction.origin}` },
    );
  }

  private use(id: string): Transaction | undefined {
    const transaction = this.transactions.get(id);
    this.scheduler.touch(`transaction ${transaction?.origin}`, 'writes');
    this.touchLocks();
    if (!transaction) return undefined;
    if (this.isIdle(transaction)) {
      this.end(transaction);
      return undefined;
    }
    transaction.usedAt = this.scheduler.now();
    return transaction;
  }

  private isIdle({ usedAt }: Transaction): boolean {
    return this.scheduler.now() >= usedAt + idleLimit;
  }

  private end(transaction: Transaction): void {
    this.scheduler.touch(`transaction ${transaction.origin}`, 'writes');
    this.touchLocks();
    transaction.keep();
    this.transactions.delete(transaction.id);
    this.locks.release(transaction);
  }

  /** Whoever reads or writes under locks may have to wait for others, and others for him. */
  private touchLocks(): void {
    if (!this.isOptimistic) this.scheduler.touch('the locks', 'writes');
  }

  private isStale({ snapshot, reads }: Transaction): boolean {
    this.scheduler.touch('Datastore', 'reads');
    return [...reads].some((key) => snapshot.get(key) !== this.entities.get(key));
  }

  private readTime() {
    return this.mode.tellsTime && { readTime: timestamp(this.scheduler.now()) };
  }

  private commitResponse(): CommitResponse {
    return this.mode.tellsTime ? { commitTime: timestamp(this.scheduler.now()) } : {};
  }
}

function noTransaction(): RpcError {
  return new RpcError(
    Status.INVALID_ARGUMENT,
    'The referenced transaction has expired or is no longer valid.',
  );
}

function contention(): RpcError {
  return new RpcError(Status.ABORTED, 'too much contention on these datastore entities.');
}
