import type { Database } from '../datastore/database.js';
import { dueShards } from '../datastore/lock-properties.js';
import type { Transactions } from '../datastore/transactions.js';
import type {
  EntityProto,
  KeyProto,
  PropertyFilterProto,
  QueryProto,
} from '../google/datastore-api.js';

/** Entities of one kind in one namespace. */
export interface Collection {
  readonly namespace: string;
  readonly kind: string;
}

/** Some of what a query found, and where to go on; undefined: there is no more. */
export interface Page {
  readonly entities: readonly EntityProto[];
  readonly next: Uint8Array | string | undefined;
  /** Where to go on after each of the entities. */
  readonly cursors: readonly Page['next'][];
}

/** Exact numbers, from the indexes alone. */
export interface Counted {
  readonly owing: number;
  readonly overdue: number;
  readonly failed: number;
}

/** Queries the indexed properties of locks. Its cost grows with what is found, not with what is stored. */
export class LockIndex {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
  ) {}

  /** Entities whose lock is due by `until` (milliseconds since the epoch), in one shard, oldest first. */
  due(
    where: Collection,
    shard: number,
    until: number,
    limit: number,
    from?: Page['next'],
  ): Promise<Page> {
    const last = `${shard}:${new Date(until).toISOString()}`;
    return this.query(where, between('lock_due', `${shard}:`, last), limit, from);
  }

  /** Entities that owe anything, now or later, shard by shard. */
  owing(where: Collection, limit: number, from?: Page['next']): Promise<Page> {
    return this.query(where, between('lock_due', '0:', `${dueShards}:`), limit, from);
  }

  /** Entities whose run failed. */
  failed(where: Collection, limit: number, from?: Page['next']): Promise<Page> {
    return this.query(where, between('lock_end', 'failed', 'failed'), limit, from);
  }

  /** Entities with keys from `first` to `last`, or all, in the order of their keys; locked or not. */
  stored(
    where: Collection,
    { first, last }: { readonly first?: KeyProto; readonly last?: KeyProto },
    limit: number,
    from?: Page['next'],
  ): Promise<Page> {
    const property = { name: '__key__' };
    const filters: PropertyFilterProto[] = [];
    if (first) filters.push({ property, op: 'GREATER_THAN_OR_EQUAL', value: { keyValue: first } });
    if (last) filters.push({ property, op: 'LESS_THAN_OR_EQUAL', value: { keyValue: last } });
    return this.query(where, filters, limit, from);
  }

  /** How many entities owe anything, how many should have been dealt with by `now`, and how many runs failed. */
  async count(where: Collection, now: number): Promise<Counted> {
    const time = new Date(now).toISOString();
    const shards = Array.from({ length: dueShards }, (_, shard) => shard);
    const [owing, failed, ...overdue] = await Promise.all([
      this.total(where, between('lock_due', '0:', `${dueShards}:`)),
      this.total(where, between('lock_end', 'failed', 'failed')),
      ...shards.map((shard) =>
        this.total(where, between('lock_due', `${shard}:`, `${shard}:${time}`)),
      ),
    ]);
    return { owing, failed, overdue: overdue.reduce((sum, one) => sum + one, 0) };
  }

  /** Entities whose lock the Go library wrote last: it indexed the time, which this package does not. */
  ofGo(where: Collection, limit: number, from?: Page['next']): Promise<Page> {
    const epoch = { timestampValue: { seconds: '0', nanos: 0 } };
    const since = { property: { name: 'lock_ts' }, op: 'GREATER_THAN', value: epoch } as const;
    return this.query(where, [since], limit, from);
  }

  private async query(
    where: Collection,
    filters: PropertyFilterProto[],
    limit: number,
    from?: Page['next'],
  ): Promise<Page> {
    const query = {
      ...queryOf(where, filters),
      limit: { value: limit },
      ...(from && { startCursor: from }),
    };
    const { api } = this.database;
    const { batch } = await this.ask(where, (request) => api.runQuery({ ...request, query }));
    const results = batch?.entityResults ?? [];
    // Datastore may stop before the limit: https://cloud.google.com/datastore/docs/reference/data/rpc/google.datastore.v1#queryresultbatch
    const isCutShort = batch?.moreResults === 'NOT_FINISHED';
    const goesOn = isCutShort || results.length >= limit;
    return {
      entities: results.flatMap(({ entity }) => entity ?? []),
      cursors: results.map(({ cursor }) => cursor ?? undefined),
      next: goesOn ? (batch?.endCursor ?? undefined) : undefined,
    };
  }

  private async total(where: Collection, filters: PropertyFilterProto[]): Promise<number> {
    const aggregationQuery = {
      nestedQuery: queryOf(where, filters),
      aggregations: [{ alias: 'total', count: {} }],
    };
    const { api } = this.database;
    const { batch } = await this.ask(where, (request) =>
      api.runAggregationQuery({ ...request, aggregationQuery }),
    );
    return Number(batch?.aggregationResults?.[0]?.aggregateProperties?.['total']?.integerValue);
  }

  private ask<T>(
    { namespace, kind }: Collection,
    call: (request: { projectId: string; databaseId: string; partitionId: object }) => Promise<T>,
  ): Promise<T> {
    const { projectId, databaseId } = this.database;
    return this.transactions.run(`${kind} in namespace "${namespace}"`, () =>
      call({ projectId, databaseId, partitionId: { namespaceId: namespace } }),
    );
  }
}

function queryOf({ kind }: Collection, filters: PropertyFilterProto[]): QueryProto {
  const parts = filters.map((propertyFilter) => ({ propertyFilter }));
  return {
    kind: [{ name: kind }],
    ...(parts.length > 0 && { filter: { compositeFilter: { op: 'AND', filters: parts } } }),
  };
}

function between(name: string, first: string, last: string): PropertyFilterProto[] {
  const property = { name };
  return [
    { property, op: 'GREATER_THAN_OR_EQUAL', value: { stringValue: first } },
    { property, op: 'LESS_THAN_OR_EQUAL', value: { stringValue: last } },
  ];
}
