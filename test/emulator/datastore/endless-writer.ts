import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { DatastoreEngine } from '../../../lib/emulator/datastore/datastore-engine.js';
import { systemClock } from '../../../lib/system/clock.js';

/** A process of its own that commits entities 1, 2, 3 … and prints each number once its commit was acknowledged. */
const database = new DatabaseSync(process.argv[2] ?? ':memory:');
const engine = new DatastoreEngine({ database, clock: systemClock, concurrency: 'optimistic' });
for (let id = 1; ; id++) {
  const entity = {
    key: { path: [{ kind: 'Order', id }] },
    properties: { n: { integerValue: String(id) } },
  };
  await engine.commit({
    projectId: 'p1',
    mode: 'NON_TRANSACTIONAL',
    mutations: [{ upsert: entity }],
  });
  writeSync(1, `${id}\n`);
}
