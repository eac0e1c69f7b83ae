import { expect, it } from 'vitest';
import type { Alerts } from '../../lib/alert/alerts.js';
import { readLock, writeLock } from '../../lib/datastore/lock-properties.js';
import type { Decided, LockStore, Stored } from '../../lib/datastore/lock-store.js';
import { Obligations } from '../../lib/delivery/obligations.js';
import type { EntityProto } from '../../lib/google/datastore-api.js';
import { Lock } from '../../lib/lock/lock.js';
import type { Dispatcher } from '../../lib/tasks/dispatcher.js';

const key = { path: [{ kind: 'Order', id: '5' }] };
const failed = new Lock({ run: 'r', step: 1, end: 'failed', due: 1_000, settledBy: 'first' });

/** Sends the alert of a failure; resolves to the lock that is stored then. */
async function alertOf(failure: Lock, stored: Lock): Promise<Lock | undefined> {
  let entity: EntityProto = writeLock({ key }, stored);
  const decide = <T>(_: unknown, decision: (stored: Stored) => Decided<T>): Promise<T> => {
    const lock = readLock(entity);
    const { write, result } = decision({ entity, lock, now: 2_000, inDoubt: false });
    entity = write ?? entity;
    return Promise.resolve(result);
  };
  const alerts = { failed: () => Promise.resolve(true) } as unknown as Alerts;
  const store = { decide } as unknown as LockStore;
  const log = { debug: () => {}, log: () => {}, warn: () => {}, error: () => {} };
  const obligations = new Obligations({} as Dispatcher, alerts, store, log);
  await obligations.alert({ projectId: 'p', databaseId: '', key }, failure);
  return readLock(entity);
}

it('takes an alert for sent', async () => {
  expect(await alertOf(failed, failed)).toMatchObject({ state: 'failed', due: undefined });
});

it('leaves the alert of a run that was retried and failed again owed', async () => {
  const again = failed.with({ settledBy: 'second' });
  expect(await alertOf(failed, again)).toMatchObject({ state: 'failed', due: 1_000 });
});
