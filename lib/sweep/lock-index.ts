import type { Database } from '../datastore/database.js';
import { dueShards } from '../datastore/lock-properties.js';
import type { Transactions } from '../datastore/transactions.js';
import type { EntityProto, PropertyFilterProto, QueryProto } from '../google/datastore-api.js';

/** Entities of one kind in one namespace. */
export interface Collection {
  readonly namespace: string;
  readonly kind: string;
}

/** Some of what a query found, and where to go on; undefined: there is no more. */
export interface Page {
  readonly entities: readonly EntityProto[];
  readonly next: Uint8Array | string | undefined;
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

  /** Entities whose lock the Go library wrote last: it indexed the time, which this package does not. */
  ofGo(where: Collection, limit: number, from?: Page['next']): Promise<Page> {
    const epoch = { timestampValue: { seconds: '0', nanos: 0 } };
    const since = { property: { name: 'lock_ts' }, op: 'GREATER_THAN', value: epoch } as const;
    return this.query(where, [since], limit, from);
  }

  private async query(
    { namespace, kind }: Collection,
    filters: PropertyFilterProto[],
    limit: number,
    from?: Page['next'],
  ): Promise<Page> {
    const query: QueryProto = {
      kind: [{ name: kind }],
      filter: {
        compositeFilter: {
          op: 'AND',
          filters: filters.map((propertyFilter) => ({ propertyFilter })),
        },
      },
      limit: { value: limit },
      ...(from && { startCursor: from }),
    };
    const { api, projectId, databaseId } = this.database;
    const { batch } = await this.transactions.run(`${kind} in namespace "${namespace}"`, () =>
      api.runQuery({ projectId, databaseId, partitionId: { namespaceId: namespace }, query }),
    );
    const results = batch?.entityResults ?? [];
    return {
      entities: results.flatMap(({ entity }) => entity ?? []),
      next: results.length < limit ? undefined : (batch?.endCursor ?? undefined),
    };
  }
}

function between(name: string, first: string, last: string): PropertyFilterProto[] {
  const property = { name };
  return [
    { property, op: 'GREATER_THAN_OR_EQUAL', value: { stringValue: first } },
    { property, op: 'LESS_THAN_OR_EQUAL', value: { stringValue: last } },
  ];
}
