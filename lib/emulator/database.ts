import { DatabaseSync } from 'node:sqlite';

/**
 * Opens the emulator's storage: a file, or memory if there is none. What has been written to a file survives the
 * end of the process at any moment, and of the machine; no second process can open it meanwhile.
 */
export function openDatabase(file: string | undefined): DatabaseSync {
  const database = new DatabaseSync(file ?? ':memory:');
  if (file === undefined) return database;
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    return database;
  } catch (cause) {
    database.close();
    throw new Error(`Cannot use ${file}: it is no database, or another emulator has it open.`, {
      cause,
    });
  }
}
