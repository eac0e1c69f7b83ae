import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { kindOf } from '../keys/key.js';
import type { Micros } from '../time.js';
import type { Wire } from '../wire/wire.js';
import { Catalog } from './catalog.js';
import { Counters } from './counters.js';
import { EntityTable } from './entity-table.js';
import { History } from './history.js';
import { Ids } from './ids.js';
import { difference, indexEntries, type IndexEntry } from './index-entries.js';
import { IndexTable } from './index-table.js';
import { prepareSchema } from './schema.js';
import type { StoredEntity } from './stored-entity.js';

/** What a commit does to one entity. */
export interface Change {
  readonly key: Buffer;
  readonly before: StoredEntity | undefined;
  readonly after: StoredEntity | undefined;
}

/** All entities with their index entries, always in step with each other. */
export class Store {
  readonly entities: EntityTable;
  readonly index: IndexTable;
  readonly counters: Counters;
  readonly ids: Ids;
  readonly catalog: Catalog;
  readonly history = new History();
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #rollBack: StatementSync;

  constructor(
    database: DatabaseSync,
    private readonly wire: Wire,
  ) {
    prepareSchema(database);
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#end = database.prepare('COMMIT');
    this.#rollBack = database.prepare('ROLLBACK');
    this.entities = new EntityTable(database);
    this.index = new IndexTable(database);
    this.counters = new Counters(database);
    this.catalog = new Catalog(database);
    this.ids = new Ids(database, this.counters);
  }

  /** All changes or, if anything fails, none. Returns how many index entries were written or removed. */
  commit(changes: readonly Change[], at: Micros): number {
    const indexUpdates = this.atomically(() => {
      this.counters.set('committed', at);
      return changes.reduce((sum, change) => sum + this.#apply(change), 0);
    });
    for (const { key, before } of changes) this.history.record({ version: at, key, before });
    return indexUpdates;
  }

  atomically<T>(work: () => T): T {
    this.#begin.run();
    try {
      const result = work();
      this.#end.run();
      return result;
    } catch (error) {
      this.#rollBack.run();
      this.entities.rolledBack();
      throw error;
    }
  }

  #apply({ key, before, after }: Change): number {
    const { removed, added } = difference(this.#entriesOf(before), this.#entriesOf(after));
    for (const entry of removed) this.index.remove(entry, key);
    for (const entry of added) this.index.add(entry, key);
    if (after) this.entities.put(after);
    else this.entities.delete(key);
    return removed.length + added.length;
  }

  #entriesOf(stored: StoredEntity | undefined): readonly IndexEntry[] {
    if (!stored) return [];
    if (stored.entries) return stored.entries;
    const { key, properties } = this.wire.decodeEntity(stored.bytes);
    return key?.partitionId ? indexEntries(key.partitionId, kindOf(key), properties) : [];
  }
}
