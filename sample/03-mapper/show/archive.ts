import { PropertyFilter, type Datastore } from '@google-cloud/datastore';
import { count, nothing, sum, type Counters } from '../mapper/counters.js';
import { MapShard } from '../mapper/entities.js';
import { readingKind, type Reading } from '../mapper/reading.js';

/** A shard as it is stored. */
export interface StoredShard {
  readonly name: string;
  readonly readings: number;
  readonly slices: number;
  /** Whether its chain has come to its end. */
  readonly isOver: boolean;
}

/** What is stored, by Google's own client. */
export class Archive {
  constructor(private readonly datastore: Datastore) {}

  /** What a plain loop over all readings comes to. */
  async scan(namespaces: readonly string[]): Promise<Counters> {
    let counters = nothing;
    for (const namespace of namespaces) {
      const query = this.datastore.createQuery(namespace, readingKind);
      const [readings]: [Reading[], unknown] = await this.datastore.runQuery(query);
      counters = sum(counters, count(readings));
    }
    return counters;
  }

  /** The shards of a job. */
  async shards(job: string): Promise<StoredShard[]> {
    const query = this.datastore
      .createQuery(MapShard.kind)
      .filter(new PropertyFilter('job', '=', job));
    const [rows]: [Row[], unknown] = await this.datastore.runQuery(query);
    return rows.map((row) => ({
      name: row.namespace,
      readings: row.counters.readings,
      slices: row.slices,
      isOver: row.lock_seq === -1,
    }));
  }
}

interface Row {
  readonly namespace: string;
  readonly counters: Counters;
  readonly slices: number;
  readonly lock_seq: number;
}
