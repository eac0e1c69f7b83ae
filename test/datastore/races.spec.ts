import { Datastore } from '@google-cloud/datastore';
import { startEmulator, type Emulator } from 'nestjs-datastore-locker/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noArming } from '../../lib/datastore/arming.js';
import { LockStore } from '../../lib/datastore/lock-store.js';
import { Transactions } from '../../lib/datastore/transactions.js';
import { Acquirer } from '../../lib/delivery/acquirer.js';
import { writeLock } from '../../lib/datastore/lock-properties.js';
import type { DatastoreApi } from '../../lib/google/datastore-api.js';
import { DatastoreClient } from '../../lib/google/datastore-client.js';
import { Lock } from '../../lib/lock/lock.js';
import { seededRandom } from '../../lib/emulator/faults/seeded-random.js';
import { systemClock, type Clock } from '../../lib/system/clock.js';
import { systemEntropy } from '../../lib/system/entropy.js';
import type { TaskRequest } from '../../lib/tasks/task-request.js';
import { modes } from '../emulator/datastore/engine.js';
import { run, task, terms } from '../lock/locks.js';
import { Job } from '../support/jobs.js';

const projectId = 'p';
const racers = 20;
const definition = { name: 'one', path: '/one', entity: Job, terms };

/** Does not wait between two tries: the hardest race. */
const impatient: Clock = {
  now: () => systemClock.now(),
  after(_, next) {
    const immediate = setImmediate(next);
    return () => clearImmediate(immediate);
  },
};

/** Each call and each answer takes its own time, so that the racers overtake each other. */
function jittered(api: DatastoreApi): DatastoreApi {
  const random = seededRandom(7);
  const somewhatLater = async () => {
    for (let turns = random() * 4; turns > 1; turns--)
      await new Promise((resolve) => setImmediate(resolve));
  };
  const slowly = async <T>(call: () => Promise<T>): Promise<T> => {
    await somewhatLater();
    const answer = await call();
    await somewhatLater();
    return answer;
  };
  return {
    lookup: (request) => slowly(() => api.lookup(request)),
    commit: (request) => slowly(() => api.commit(request)),
    rollback: (request) => slowly(() => api.rollback(request)),
    beginTransaction: (request) => slowly(() => api.beginTransaction(request)),
    runAggregationQuery: (request) => api.runAggregationQuery(request),
    runQuery: (request) => api.runQuery(request),
    allocateIds: (request) => api.allocateIds(request),
  };
}

const requestFor = (name: string): TaskRequest => ({
  projectId,
  databaseId: '',
  key: { path: [{ kind: 'Job', name }] },
  run,
  step: 1,
  number: 0,
  queue: 'default',
  taskName: 't',
  retryCount: 0,
  previousResponse: undefined,
  eta: undefined,
  createdBy: undefined,
  requestId: undefined,
  trace: undefined,
});

/** Lets deliveries race for a free step, again and again; how many acquired it each time. */
async function race(api: DatastoreApi, beginOnRead: boolean, rounds: number): Promise<number[]> {
  const database = { api, projectId, databaseId: '', beginOnRead };
  const transactions = new Transactions(database, impatient, systemEntropy);
  const store = new LockStore(transactions, impatient, noArming);
  const acquirer = new Acquirer(store, systemEntropy, true, 'host');
  const winners: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const request = requestFor(`r${round}`);
    const lock = new Lock({ run, step: 1, task, timestamp: 1, due: 1 });
    const upsert = writeLock({ key: request.key }, lock);
    await api.commit({ projectId, mode: 'NON_TRANSACTIONAL', mutations: [{ upsert }] });
    const acquisitions = await Promise.all(
      Array.from({ length: racers }, () => acquirer.acquire(definition, request, {})),
    );
    winners.push(acquisitions.filter((acquisition) => 'grant' in acquisition).length);
  }
  return winners;
}

describe.each(modes)('of twenty deliveries that race for a step, in %s transactions,', (mode) => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator({ concurrency: mode });
  });
  afterAll(() => emulator.stop());

  it('one acquires it, two hundred times out of two hundred', { timeout: 30_000 }, async () => {
    const winners = await race(jittered(emulator.datastore), true, 200);
    expect(winners).toEqual(Array.from({ length: 200 }, () => 1));
  });

  it.each([true, false])(
    'one acquires it through the official client (begun on read: %s)',
    async (beginOnRead) => {
      const datastore = new Datastore({ projectId, apiEndpoint: emulator.datastoreHost });
      const client = new DatastoreClient(datastore);
      const winners = await race(client, beginOnRead, 8);
      await client.close();
      expect(winners).toEqual(Array.from({ length: 8 }, () => 1));
    },
  );
});
