import type { DatabaseSync } from 'node:sqlite';

/**
 * The engine's tables. A task is Google's own Task message; beside it stands what the queue needs to find it and
 * what the message has no field for. `due` is empty while an attempt is under way.
 */
export function createSchema(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS tasks_queues (
      name TEXT PRIMARY KEY,
      message BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS tasks_tasks (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      queue TEXT NOT NULL,
      due REAL,
      created REAL NOT NULL,
      executions INTEGER NOT NULL DEFAULT 0,
      previous_response INTEGER,
      message BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS tasks_by_due ON tasks_tasks (queue, due);
    CREATE INDEX IF NOT EXISTS tasks_by_age ON tasks_tasks (created);
    CREATE TABLE IF NOT EXISTS tasks_tombstones (
      name TEXT PRIMARY KEY,
      until REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS tasks_tombstones_by_end ON tasks_tombstones (until);
    CREATE TABLE IF NOT EXISTS tasks_policies (
      resource TEXT PRIMARY KEY,
      message BLOB NOT NULL
    ) WITHOUT ROWID;
  `);
}
