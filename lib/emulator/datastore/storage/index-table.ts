import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ByteRange } from './byte-range.js';
import { bytesOf, numberOf } from './columns.js';
import { toEntity } from './entity-table.js';
import type { IndexEntry } from './index-entries.js';
import type { StoredEntity } from './stored-entity.js';

export interface ScannedEntry {
  readonly value: Buffer;
  readonly entity: StoredEntity;
}

/** Every indexed value with the key of its entity, in order: a query is a seek. */
export class IndexTable {
  readonly #add: StatementSync;
  readonly #remove: StatementSync;
  readonly #ascending: StatementSync;
  readonly #descending: StatementSync;

  constructor(database: DatabaseSync) {
    const range = `
      SELECT entry, split, e.* FROM datastore_index AS i
      JOIN datastore_entities AS e ON e.key = substr(i.entry, i.split + 1)
      WHERE scope = ? AND entry >= ? AND entry < ? ORDER BY entry`;
    this.#add = database.prepare('INSERT OR REPLACE INTO datastore_index VALUES (?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM datastore_index WHERE scope = ? AND entry = ?');
    this.#ascending = database.prepare(range);
    this.#descending = database.prepare(`${range} DESC`);
  }

  add({ scope, value }: IndexEntry, key: Buffer): void {
    this.#add.run(scope, Buffer.concat([value, key]), value.length);
  }

  remove({ scope, value }: IndexEntry, key: Buffer): void {
    this.#remove.run(scope, Buffer.concat([value, key]));
  }

  /** The entries of `range`, which is over value and key together, with their entities. */
  *scan(scope: Buffer, range: ByteRange, descending: boolean): Generator<ScannedEntry> {
    const statement = descending ? this.#descending : this.#ascending;
    for (const row of statement.iterate(scope, range.from, range.to)) {
      const value = bytesOf(row['entry']).subarray(0, numberOf(row['split']));
      yield { value, entity: toEntity(row) };
    }
  }
}
