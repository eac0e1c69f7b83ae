import { nameOfKey } from '../keys/key-bytes.js';
import type { Micros } from '../time.js';
import type { Store } from './store.js';
import type { StoredEntity } from './stored-entity.js';

/** The entities as of one moment: now, or the moment of a snapshot that the history holds. */
export class View {
  /** What was different then, by the names of keys. */
  readonly differences: ReadonlyMap<string, StoredEntity | undefined>;

  static latest(store: Store, readTime: Micros): View {
    return new View(store, readTime, new Map());
  }

  static at(store: Store, snapshot: Micros): View {
    return new View(store, snapshot, store.history.changedSince(snapshot));
  }

  private constructor(
    readonly store: Store,
    readonly readTime: Micros,
    differences: ReadonlyMap<string, StoredEntity | undefined>,
  ) {
    this.differences = differences;
  }

  get(key: Buffer): StoredEntity | undefined {
    if (this.differences.size === 0) return this.store.entities.get(key);
    const name = nameOfKey(key);
    return this.differences.has(name) ? this.differences.get(name) : this.store.entities.get(key);
  }
}
