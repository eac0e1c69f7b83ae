import { DatabaseSync } from 'node:sqlite';
import { DatastoreEngine, VirtualClock } from 'nestjs-datastore-locker/emulator';
import { describe, expect, it } from 'vitest';
import { Transactions } from '../../lib/datastore/transactions.js';
import { systemEntropy } from '../../lib/system/entropy.js';

const key = { path: [{ kind: 'Thing', name: 'a' }] };

describe('a transaction that was idle until it expired', () => {
  it('is run again, because nothing was written', async () => {
    const clock = new VirtualClock();
    const api = new DatastoreEngine({
      database: new DatabaseSync(':memory:'),
      clock,
      concurrency: 'optimistic',
    });
    const database = { api, projectId: 'p', databaseId: '', beginOnRead: true };
    const impatient = {
      now: () => clock.now(),
      after: (_: number, task: () => void) => {
        queueMicrotask(task);
        return () => undefined;
      },
    };
    let tries = 0;
    const transactions = new Transactions(database, impatient, systemEntropy);
    const done = await transactions.run('Thing/"a"', async (transaction) => {
      tries++;
      await transaction.lookup([key]);
      if (tries === 1) await clock.advance(61_000);
      await transaction.commit([{ upsert: { key, properties: {} } }]);
      return tries;
    });
    expect(done).toBe(2);
    api.close();
  });
});
