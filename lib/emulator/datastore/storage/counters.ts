import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { numberOf } from './columns.js';

type Name =
  /** Time of the last commit, in microseconds. */
  | 'committed'
  /** How many ids have been given out. */
  | 'ids'
  /** How many engines have opened this storage. */
  | 'engines';

/** Numbers that only grow and outlive the process. */
export class Counters {
  readonly #get: StatementSync;
  readonly #set: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare('SELECT value FROM datastore_counters WHERE name = ?');
    this.#set = database.prepare(
      'INSERT INTO datastore_counters VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
    );
  }

  get(name: Name): number {
    const row = this.#get.get(name);
    return row ? numberOf(row['value']) : 0;
  }

  set(name: Name, value: number): void {
    this.#set.run(name, value);
  }

  next(name: Name): number {
    const value = this.get(name) + 1;
    this.set(name, value);
    return value;
  }
}
