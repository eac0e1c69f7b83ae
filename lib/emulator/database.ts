import { DatabaseSync } from 'node:sqlite';

/**
 * Opens the emulator's storage: a file, or memory if there is none. What has been written to a file survives the
 * end of the process at any moment, though not that of the machine; no second process can open it meanwhile.
 */
export function openDatabase(file: string | undefined): DatabaseSync {
  if (file === undefined) return new DatabaseSync(':memory:');
  try {
    return openFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      reason === 'database is locked'
        ? `Another emulator has ${file} open.`
        : `Cannot keep data in ${file}: ${reason}.`,
      { cause },
    );
  }
}

function openFile(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    // What is committed is with the operating system: https://sqlite.org/pragma.html#pragma_synchronous
    database.exec('PRAGMA synchronous = NORMAL');
    // Each checkpoint waits for the disk: one for 40 MB of log instead of 4.
    database.exec('PRAGMA wal_autocheckpoint = 10000');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Leaves an empty database. */
export function clearDatabase(database: DatabaseSync): void {
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  for (const { name } of tables) database.exec(`DROP TABLE "${String(name)}"`);
}
