import { Datastore, PropertyFilter } from '@google-cloud/datastore';
import { Injectable } from '@nestjs/common';
import { readingKind, type Reading } from './reading.js';
import type { Range } from './shards.js';

/** Some readings, and where to go on; undefined: there are no more. */
export interface Batch {
  readonly readings: readonly Reading[];
  readonly cursor: string | undefined;
}

/** Reads what is mapped. */
@Injectable()
export class Readings {
  constructor(private readonly datastore: Datastore) {}

  /** How many there are. Datastore counts in its index: a thousand for the price of one read. */
  async count(namespace: string): Promise<number> {
    const all = this.datastore.createQuery(namespace, readingKind);
    const query = this.datastore.createAggregationQuery(all).count('count');
    const [answers]: [{ count: number }[], unknown] =
      await this.datastore.runAggregationQuery(query);
    return answers[0]?.count ?? 0;
  }

  /** At most `limit` readings of a range of names. */
  async read(
    namespace: string,
    { from, to }: Range,
    limit: number,
    cursor?: string,
  ): Promise<Batch> {
    const key = (name: string) => this.datastore.key({ namespace, path: [readingKind, name] });
    const query = this.datastore
      .createQuery(namespace, readingKind)
      .filter(new PropertyFilter('__key__', '>=', key(from)))
      .filter(new PropertyFilter('__key__', '<', key(to)))
      .limit(limit);
    if (cursor !== undefined) query.start(cursor);
    const [readings, { endCursor }]: [Reading[], { endCursor?: string }] =
      await this.datastore.runQuery(query);
    return { readings, cursor: readings.length < limit ? undefined : endCursor };
  }
}
