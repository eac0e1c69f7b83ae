import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../lib/emulator/database.js';
import { DatastoreEngine } from '../../lib/emulator/index.js';
import { systemClock } from '../../lib/system/clock.js';

/** What an answered write outlives: the process that stores it, or the loss of the machine's power too. */
export type Survives = 'nothing' | 'its process' | 'power loss';

/** SQLite's `FULL`: https://sqlite.org/pragma.html#pragma_synchronous */
const full = 2;

/** What the emulator's file outlives: the loss of power only if SQLite forces every commit to the disk. */
export function emulatorSurvives(): Survives {
  const folder = mkdtempSync(join(tmpdir(), 'bench-durability-'));
  const database = openDatabase(join(folder, 'emulator.sqlite'));
  const engine = new DatastoreEngine({
    database,
    clock: systemClock,
    concurrency: 'optimistic',
  });
  try {
    const { synchronous } = database.prepare('PRAGMA synchronous').get() ?? {};
    return Number(synchronous) >= full ? 'power loss' : 'its process';
  } finally {
    engine.close();
    database.close();
    rmSync(folder, { recursive: true });
  }
}
