import * as fc from 'fast-check';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatastoreEngine } from '../../lib/emulator/datastore/datastore-engine.js';
import { systemClock } from '../../lib/system/clock.js';
import { type Abilities, operationSequences } from './differential-operations.js';
import { Run } from './differential-run.js';
import { google, ours, projectId } from './differential-target.js';
import {
  type GoogleEmulator,
  startDatastoreEmulator,
  startFirestoreEmulator,
} from './google-emulators.js';
import { rawClient } from './raw-client.js';

const RUNS = Number(process.env['DIFFERENTIAL_RUNS'] ?? 5_000);
const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? 1);

interface Comparison {
  readonly concurrency: 'optimistic' | 'pessimistic';
  readonly start: typeof startFirestoreEmulator;
  readonly abilities: Abilities;
}

const comparisons: [string, Comparison][] = [
  [
    'the Datastore emulator, optimistic',
    {
      concurrency: 'optimistic',
      start: startDatastoreEmulator,
      abilities: { disjunctions: false, contention: true },
    },
  ],
  [
    'the Firestore emulator in Datastore mode, pessimistic',
    {
      concurrency: 'pessimistic',
      start: startFirestoreEmulator,
      abilities: { disjunctions: true, contention: false },
    },
  ],
];

describe.each(comparisons)('compared with %s', (_, { concurrency, start, abilities }) => {
  let emulator: GoogleEmulator;
  let client: ReturnType<typeof rawClient>;
  const database = new DatabaseSync(':memory:');
  const engine = new DatastoreEngine({ database, clock: systemClock, concurrency });
  beforeAll(async () => {
    emulator = await start();
    client = rawClient(emulator, projectId);
  }, 150_000);
  afterAll(async () => {
    engine.close();
    await client.close();
    await emulator.stop();
  });

  it(`answers the same in ${RUNS} random sequences`, { timeout: 1_800_000 }, async () => {
    let count = 0;
    const property = fc.asyncProperty(operationSequences(abilities), async (operations) => {
      const namespace = `n${count++}`;
      const run = (target: typeof theirs) => new Run(target, namespace, !abilities.contention);
      const theirs = google(client);
      const expected = await run(theirs).observe(operations);
      const actual = await run(ours(engine)).observe(operations);
      const at = expected.findIndex((line, index) => line !== actual[index]);
      const [before, operation] = [expected.slice(0, Math.max(at, 0)), operations[at]];
      expect({ before, operation, seen: actual[at] }).toEqual({
        before,
        operation,
        seen: expected[at],
      });
    });
    await fc.assert(property, {
      numRuns: RUNS,
      seed: SEED,
      endOnFailure: process.env['DIFFERENTIAL_QUICK'] === '1',
    });
  });
});
