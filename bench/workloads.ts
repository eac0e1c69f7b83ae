import type { v1 } from '@google-cloud/datastore';
import type { KeyProto, MutationProto, ValueProto } from '../lib/google/datastore-api.js';

export const projectId = 'bench';
/** No retries of the client's own, which would hide failures. */
const once = { retry: null, timeout: 60_000 };
const entities = 1_000;

/** One operation, the `n`-th of its workload; rejects when the answer is not what it must be. */
export interface Workload {
  readonly name: string;
  readonly run: (client: v1.DatastoreClient, n: number) => Promise<void>;
}

/** @param beginsOnRead false: transactions begin with a call of their own, as the Firestore emulator needs */
export function workloads(beginsOnRead: boolean): Workload[] {
  return [
    { name: 'lookups/s', run: (client, n) => lookup(client, n) },
    { name: 'commits/s', run: (client, n) => commit(client, [upsert(n)]) },
    { name: 'transactions/s', run: (client, n) => transaction(client, n, beginsOnRead) },
    { name: 'queries/s', run: (client, n) => query(client, n) },
  ];
}

/** What the workloads find. */
export async function fill(client: v1.DatastoreClient): Promise<void> {
  for (let first = 0; first < entities; first += 250)
    await commit(
      client,
      Array.from({ length: 250 }, (_, index) => upsert(first + index)),
    );
}

async function lookup(client: v1.DatastoreClient, n: number): Promise<void> {
  const [{ found }] = await client.lookup({ projectId, keys: [keyOf(n)] }, once);
  if (found?.length !== 1) throw new Error('A lookup found nothing.');
}

async function commit(client: v1.DatastoreClient, mutations: MutationProto[]): Promise<void> {
  await client.commit({ projectId, mode: 'NON_TRANSACTIONAL', mutations }, once);
}

/** What a step of a chain does twice: it reads its entity and writes it back. No two meet on one entity. */
async function transaction(
  client: v1.DatastoreClient,
  n: number,
  beginsOnRead: boolean,
): Promise<void> {
  const explicit = beginsOnRead ? undefined : await begin(client);
  const readOptions = explicit ? { transaction: explicit } : { newTransaction: { readWrite: {} } };
  const [read] = await client.lookup({ projectId, keys: [keyOf(n)], readOptions }, once);
  const id = explicit ?? read.transaction;
  if (read.found?.length !== 1 || !id) throw new Error('A transaction read nothing.');
  await client.commit(
    { projectId, mode: 'TRANSACTIONAL', transaction: id, mutations: [upsert(n)] },
    once,
  );
}

async function begin(client: v1.DatastoreClient) {
  const [{ transaction: id }] = await client.beginTransaction(
    { projectId, transactionOptions: { readWrite: {} } },
    once,
  );
  return id ?? undefined;
}

/** Twenty of a thousand, by one property in order. */
async function query(client: v1.DatastoreClient, n: number): Promise<void> {
  const [{ batch }] = await client.runQuery(
    {
      projectId,
      partitionId: { projectId },
      query: {
        kind: [{ name: 'Order' }],
        filter: {
          propertyFilter: {
            property: { name: 'due' },
            op: 'GREATER_THAN_OR_EQUAL',
            value: { integerValue: String(n % 900) },
          },
        },
        order: [{ property: { name: 'due' }, direction: 'ASCENDING' }],
        limit: { value: 20 },
      },
    },
    once,
  );
  if (batch?.entityResults?.length !== 20) throw new Error('A query did not find twenty.');
}

function keyOf(n: number): KeyProto {
  return { partitionId: { projectId }, path: [{ kind: 'Order', id: (n % entities) + 1 }] };
}

/** Half a kilobyte in five properties, of which three are indexed. */
function upsert(n: number): MutationProto {
  const properties: Record<string, ValueProto> = {
    due: { integerValue: String(n % entities) },
    customer: { stringValue: `customer ${n % 50}` },
    total: { doubleValue: 12.5 },
    state: {
      stringValue: JSON.stringify({ run: 'r'.repeat(32), step: n }),
      excludeFromIndexes: true,
    },
    note: { stringValue: 'n'.repeat(300), excludeFromIndexes: true },
  };
  return { upsert: { key: keyOf(n), properties } };
}
