import type { DatabaseSync } from 'node:sqlite';
import { kindOf } from '../keys/key.js';
import type { Micros } from '../time.js';
import { indexedValues } from '../values/indexed-values.js';
import { KEY_TYPE } from '../values/value-bytes.js';
import type { Entity, PartitionId } from '../wire/entity-messages.js';
import type { Wire } from '../wire/wire.js';
import { Catalog } from './catalog.js';
import { Counters } from './counters.js';
import { EntityTable } from './entity-table.js';
import { History } from './history.js';
import { Ids } from './ids.js';
import { indexScope, KEY_PROPERTY } from './index-scope.js';
import { type IndexEntry, IndexTable } from './index-table.js';
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
  /** Of entities that are written again soon. */
  readonly #entries = new WeakMap<StoredEntity, ReadonlyMap<string, IndexEntry>>();

  constructor(
    private readonly database: DatabaseSync,
    private readonly wire: Wire,
  ) {
    prepareSchema(database);
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
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      this.database.exec('ROLLBACK');
      this.entities.rolledBack();
      throw error;
    }
  }

  #apply({ key, before, after }: Change): number {
    const old = this.#entriesOf(before);
    const fresh = this.#entriesOf(after);
    const removed = [...old].filter(([name]) => !fresh.has(name));
    const added = [...fresh].filter(([name]) => !old.has(name));
    for (const [, entry] of removed) this.index.remove(entry);
    for (const [, entry] of added) this.index.add(entry);
    if (after) this.entities.put(after);
    else this.entities.delete(key);
    return removed.length + added.length;
  }

  #entriesOf(stored: StoredEntity | undefined): ReadonlyMap<string, IndexEntry> {
    if (!stored) return new Map();
    const known = this.#entries.get(stored);
    if (known) return known;
    const all = entriesOf(stored.key, this.wire.decodeEntity(stored.bytes));
    const entries = new Map(all.map((entry) => [nameOf(entry), entry]));
    this.#entries.set(stored, entries);
    return entries;
  }
}

function entriesOf(keyBytes: Buffer, { key, properties }: Entity): IndexEntry[] {
  const partition = key?.partitionId;
  if (!key || !partition) return [];
  return [...entriesIn(partition, kindOf(key), keyBytes, properties)];
}

function* entriesIn(
  partition: PartitionId,
  kind: string,
  key: Buffer,
  properties: Entity['properties'],
): Generator<IndexEntry> {
  yield { scope: indexScope(partition, kind, KEY_PROPERTY), value: KEY_TYPE, key };
  for (const [property, values] of indexedValues(properties)) {
    const scope = indexScope(partition, kind, property);
    for (const value of values) yield { scope, value, key };
  }
}

function nameOf({ scope, value }: IndexEntry): string {
  return scope.toString('latin1') + value.toString('latin1');
}
