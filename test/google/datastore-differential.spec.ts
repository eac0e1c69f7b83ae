import * as fc from 'fast-check';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
/** So many sequences run on one emulator. */
const BATCH = 500;
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
  let engine: DatastoreEngine;
  beforeEach(async () => {
    emulator = await start();
    client = rawClient(emulator, projectId);
    engine = new DatastoreEngine({
      database: new DatabaseSync(':memory:'),
      clock: systemClock,
      concurrency,
    });
  }, 150_000);
  afterEach(async () => {
    engine.close();
    await client.close();
    await emulator.stop();
  });

  const compare = async (first: number, last: number): Promise<void> => {
    const theirs = google(client);
    let count = 0;
    const property = fc.asyncProperty(operationSequences(abilities), async (operations) => {
      const namespace = `n${count++}`;
      const run = (target: typeof theirs) => new Run(target, namespace, !abilities.contention);
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
      numRuns: last - first + 1,
      seed: SEED + first,
      endOnFailure: process.env['DIFFERENTIAL_QUICK'] === '1',
    });
  };

  it.each(batches(RUNS))(
    'answers the same in random sequences %i to %i',
    { timeout: 1_800_000 },
    async (first, last) => {
      await expect(compare(first, last)).resolves.toBeUndefined();
    },
  );
});

/** The first and the last of every batch. Google's emulators slow down, and stop answering after some thousand sequences. */
function batches(runs: number): [first: number, last: number][] {
  const firsts = Array.from({ length: Math.ceil(runs / BATCH) }, (_, batch) => batch * BATCH + 1);
  return firsts.map((first) => [first, Math.min(first + BATCH - 1, runs)]);
}
