import type { Micros } from '../time.js';
import type { IndexEntry } from './index-entries.js';

/** An entity as it is kept. */
export interface StoredEntity {
  /** Order-preserving bytes of its key. */
  readonly key: Buffer;
  /** Time of the commit that wrote it; also its update time. */
  readonly version: Micros;
  readonly created: Micros;
  /** The encoded google.datastore.v1.Entity. */
  readonly bytes: Buffer;
  /** What it has in the indexes; absent where only the bytes were read. */
  readonly entries?: readonly IndexEntry[];
}
