import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { v1 } from '@google-cloud/datastore';
import type { MutationProto } from '../lib/google/datastore-api.js';
import { rawClient } from '../test/support/raw-client.js';
import { spread, type Spread } from './measure.js';
import { startOurs } from './subjects.js';
import { projectId } from './workloads.js';

const once = { retry: null, timeout: 60_000 };
const due = 100;

/** What our emulator takes of a query for the due ones of a million entities in a file, milliseconds. */
export interface Million {
  readonly entities: number;
  readonly due: number;
  readonly storedInS: number;
  readonly queryMs: Spread;
  readonly fileMiB: number;
}

/** Stores entities in a file, 100 of them due, then asks for those again and again. */
export async function queryAmong(entities: number, queries = 200): Promise<Million> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-emulator-'));
  const file = join(directory, 'data.sqlite');
  const subject = await startOurs('optimistic', ['--data', file]);
  const client = rawClient(subject.endpoint, projectId);
  try {
    const began = performance.now();
    for (let first = 0; first < entities; first += 500) await store(client, first, entities);
    const storedInS = (performance.now() - began) / 1_000;
    const times: number[] = [];
    for (let query = 0; query < queries; query++) times.push(await timeOf(client));
    // The first ones find nothing compiled.
    return {
      entities,
      due,
      storedInS,
      queryMs: spread(times.slice(10)),
      fileMiB: (await stat(file)).size / 2 ** 20,
    };
  } finally {
    await client.close();
    await subject.stop();
    await rm(directory, { recursive: true });
  }
}

/** The next 500. Every so many of them, 100 in all, is due; the index has no more. */
async function store(client: v1.DatastoreClient, first: number, entities: number): Promise<void> {
  const mutations = Array.from({ length: Math.min(500, entities - first) }, (_, index) =>
    upsert(first + index, (first + index) % (entities / due) === 0),
  );
  await client.commit({ projectId, mode: 'NON_TRANSACTIONAL', mutations }, once);
}

function upsert(n: number, isDue: boolean): MutationProto {
  const at = new Date(1_700_000_000_000 + n * 1_000).toISOString();
  return {
    upsert: {
      key: { partitionId: { projectId }, path: [{ kind: 'Chain', id: String(n + 1) }] },
      properties: {
        total: { integerValue: String(n) },
        notes: { stringValue: 'x'.repeat(200), excludeFromIndexes: true },
        ...(isDue && { lock_due: { stringValue: `3:${at}` } }),
      },
    },
  };
}

async function timeOf(client: v1.DatastoreClient): Promise<number> {
  const property = { name: 'lock_due' };
  const value = { stringValue: '3:9' };
  const query = {
    kind: [{ name: 'Chain' }],
    filter: { propertyFilter: { property, op: 'LESS_THAN' as const, value } },
    order: [{ property }],
    limit: { value: due },
  };
  const began = performance.now();
  const [{ batch }] = await client.runQuery({ projectId, partitionId: { projectId }, query }, once);
  const took = performance.now() - began;
  if (batch?.entityResults?.length !== due) throw new Error('The query did not find what is due.');
  return took;
}
