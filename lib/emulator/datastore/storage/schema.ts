import type { DatabaseSync } from 'node:sqlite';

/** Makes the tables where they are missing. */
export function prepareSchema(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS datastore_entities (
      key BLOB PRIMARY KEY,      -- order-preserving bytes
      version INTEGER NOT NULL,  -- microseconds: the time of the commit that wrote it
      created INTEGER NOT NULL,  -- microseconds
      entity BLOB NOT NULL       -- google.datastore.v1.Entity
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS datastore_index (
      scope BLOB,                -- partition, kind, property
      entry BLOB,                -- value, then key, both order-preserving
      split INTEGER NOT NULL,    -- where in the entry the key begins
      PRIMARY KEY (scope, entry)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS datastore_reserved_ids (id INTEGER PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS datastore_counters (
      name TEXT PRIMARY KEY,
      value INTEGER NOT NULL
    ) WITHOUT ROWID;
  `);
}
