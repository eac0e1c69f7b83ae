import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { partitionBytes } from '../keys/key-bytes.js';
import { afterPrefix, orderedString, readOrderedStrings } from '../values/ordered-bytes.js';
import type { PartitionId } from '../wire/entity-messages.js';
import { startingWith } from './byte-range.js';
import { bytesOf } from './columns.js';
import { indexScope } from './index-scope.js';

/** What is in use: namespaces, kinds, indexed properties. It leaps from one to the next, whatever lies between. */
export class Catalog {
  readonly #nextKey: StatementSync;
  readonly #nextScope: StatementSync;
  readonly #nextEntry: StatementSync;

  constructor(database: DatabaseSync) {
    const next = (column: string, table: string) =>
      database.prepare(
        `SELECT ${column} FROM ${table} WHERE ${column} >= ? AND ${column} < ? ORDER BY ${column} LIMIT 1`,
      );
    this.#nextKey = next('key', 'datastore_entities');
    this.#nextScope = next('scope', 'datastore_index');
    this.#nextEntry = database.prepare(
      'SELECT entry FROM datastore_index WHERE scope = ? AND entry >= ? AND entry < ? LIMIT 1',
    );
  }

  namespaces({ projectId, databaseId }: PartitionId): string[] {
    const database = Buffer.concat([projectId, databaseId].map(orderedString));
    return this.#names(this.#nextKey, 'key', database);
  }

  kinds(partition: PartitionId): string[] {
    return this.#names(this.#nextScope, 'scope', partitionBytes(partition));
  }

  properties(partition: PartitionId, kind: string): string[] {
    const ofKind = Buffer.concat([partitionBytes(partition), orderedString(kind)]);
    return this.#names(this.#nextScope, 'scope', ofKind);
  }

  /** Whether any value of the property begins with these bytes. */
  hasValues(partition: PartitionId, kind: string, property: string, prefix: Buffer): boolean {
    const { from, to } = startingWith(prefix);
    const found = this.#nextEntry.get(indexScope(partition, kind, property), from, to);
    return found !== undefined;
  }

  /** The strings that follow `prefix`, each once. */
  #names(statement: StatementSync, column: string, prefix: Buffer): string[] {
    const names: string[] = [];
    const { from, to } = startingWith(prefix);
    let row = statement.get(from, to);
    while (row) {
      const rest = bytesOf(row[column]).subarray(prefix.length);
      const [name = ''] = readOrderedStrings(rest, 1);
      names.push(name);
      row = statement.get(afterPrefix(Buffer.concat([prefix, orderedString(name)])), to);
    }
    return names;
  }
}
