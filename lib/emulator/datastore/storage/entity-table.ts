import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { ByteRange } from './byte-range.js';
import { bytesOf, numberOf } from './columns.js';
import type { StoredEntity } from './stored-entity.js';

/** The entities by key. */
export class EntityTable {
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #ascending: StatementSync;
  readonly #descending: StatementSync;

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
    const row = this.#get.get(key);
    return row && toEntity(row);
  }

  put({ key, version, created, bytes }: StoredEntity): void {
    this.#put.run(key, version, created, bytes);
  }

  delete(key: Buffer): void {
    this.#delete.run(key);
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
