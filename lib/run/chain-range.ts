import { dueShards } from '../datastore/lock-properties.js';
import type { EntityProto, KeyProto } from '../google/datastore-api.js';
import type { LockIndex, Page } from '../sweep/lock-index.js';
import type { ListOptions } from './list-options.js';

/** Some entities of a range, and where it goes on. */
export interface RangePage {
  readonly entities: readonly EntityProto[];
  /** Undefined: the range is at its end. */
  readonly next: string | undefined;
  /** Where it goes on after one of them. */
  readonly after: (index: number) => string | undefined;
}

/** A part of an index, to be read page by page. */
export interface Range {
  page(limit: number, cursor: string | undefined): Promise<RangePage>;
}

/** The smallest part of an index that holds all chains of a state. */
export function rangeOf(index: LockIndex, options: ListOptions, now: number): Range {
  const where = { kind: options.kind, namespace: options.namespace ?? '' };
  switch (options.state) {
    case 'overdue':
      return overdueRange(now, (shard, until, limit, from) =>
        index.due(where, shard, until, limit, from),
      );
    case 'failed':
      return plainRange((limit, from) => index.failed(where, limit, from));
    case 'any':
      return plainRange((limit, from) => index.stored(where, keysOf(options), limit, from));
    case 'owing':
    case 'ready':
    case 'waiting':
    case 'held':
      return plainRange((limit, from) => index.owing(where, limit, from));
  }
}

function plainRange(read: (limit: number, from: Page['next']) => Promise<Page>): Range {
  return {
    page: async (limit, cursor) => {
      const page = await read(limit, bytes(cursor));
      return paged(page, text);
    },
  };
}

type ReadShard = (shard: number, until: number, limit: number, from: Page['next']) => Promise<Page>;

/** Shard by shard. A cursor is good for its own query only, so it carries shard and time. */
function overdueRange(now: number, read: ReadShard): Range {
  return {
    page: async (limit, cursor) => {
      const [shardText = '0', untilText = String(now), from = ''] = cursor?.split('.') ?? [];
      const shard = Number(shardText);
      const until = Number(untilText);
      const page = await read(shard, until, limit, bytes(from));
      const following = shard + 1 < dueShards ? `${shard + 1}.${until}.` : undefined;
      return paged(page, (next) => (next ? `${shard}.${until}.${text(next)}` : following));
    },
  };
}

function paged(page: Page, write: (next: Page['next']) => string | undefined): RangePage {
  return {
    entities: page.entities,
    next: write(page.next),
    after: (index) => write(page.cursors[index] ?? page.next),
  };
}

function bytes(cursor: string | undefined): Page['next'] {
  return cursor ? Buffer.from(cursor, 'base64url') : undefined;
}

function text(next: Page['next']): string | undefined {
  return next && Buffer.from(next).toString('base64url');
}

/** The keys whose name begins with a prefix. */
function keysOf({ kind, namespace = '', prefix }: ListOptions): {
  first?: KeyProto;
  last?: KeyProto;
} {
  if (!prefix) return {};
  const key = (name: string) => ({
    partitionId: { namespaceId: namespace },
    path: [{ kind, name }],
  });
  return { first: key(prefix), last: key(`${prefix}\u{10FFFF}`) };
}
