import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { ByteRange } from './byte-range.js';
import { bytesOf, numberOf } from './columns.js';
import { RecentEntities } from './recent-entities.js';
import type { StoredEntity } from './stored-entity.js';

/** The entities by key. */
export class EntityTable {
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #ascending: StatementSync;
  readonly #descending: StatementSync;
  readonly #recent = new RecentEntities();

  constructor(database: DatabaseSync) {
    const table = 'datastore_entities';
    const range = `SELECT * FROM ${table} WHERE key >= ? AND key < ? ORDER BY key`;
    this.#get = database.prepare(`SELECT * FROM ${table} WHERE key = ?`);
    this.#put = database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?, ?)`);
    this.#delete = database.prepare(`DELETE FROM ${table} WHERE key = ?`);
    this.#ascending = database.prepare(range);
    this.#descending = database.prepare(`${range} DESC`);
  }

  get(key: Buffer): StoredEntity | undefined {
    const recent = this.#recent.get(key);
    if (recent) return recent;
    const row = this.#get.get(key);
    if (!row) return undefined;
    const entity = toEntity(row);
    this.#recent.set(entity);
    return entity;
  }

  put(entity: StoredEntity): void {
    const { key, version, created, bytes } = entity;
    this.#put.run(key, version, created, bytes);
    this.#recent.set(entity);
  }

  delete(key: Buffer): void {
    this.#delete.run(key);
    this.#recent.delete(key);
  }

  /** What was written was rolled back. */
  rolledBack(): void {
    this.#recent.clear();
  }

  /** In the order of keys. */
  *scan({ from, to }: ByteRange, descending: boolean): Generator<StoredEntity> {
    const statement = descending ? this.#descending : this.#ascending;
    for (const row of statement.iterate(from, to)) yield toEntity(row);
  }
}

/** Any row that has the columns of the table. */
export function toEntity(row: Record<string, SQLOutputValue>): StoredEntity {
  return {
    key: bytesOf(row['key']),
    version: numberOf(row['version']),
    created: numberOf(row['created']),
    bytes: bytesOf(row['entity']),
  };
}
