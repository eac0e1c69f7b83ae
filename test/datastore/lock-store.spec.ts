import { expect, it } from 'vitest';
import { LockStore } from '../../lib/datastore/lock-store.js';
import type { Transaction } from '../../lib/datastore/transaction.js';
import type { Transactions } from '../../lib/datastore/transactions.js';
import { OutcomeUnknownError } from '../../lib/locker.errors.js';

/** A store whose transactions do as told, and what happened in it. */
function watched(run: (work: (transaction: Transaction) => Promise<unknown>) => Promise<unknown>) {
  const events: string[] = [];
  const arm = () => Promise.resolve(void events.push('arm'));
  const transaction = {
    now: 0,
    lookup: () => Promise.resolve(void events.push('read')).then(() => []),
  };
  const transactions = {
    run: (_: string, work: (transaction: unknown, attempt: object) => Promise<unknown>) =>
      run(() => work(transaction, { inDoubt: false })),
  };
  const store = new LockStore(
    transactions as unknown as Transactions,
    { now: () => 0, after: () => () => {} },
    { isNeeded: () => true, arm, rearm: arm },
  );
  return { events, store };
}

const key = { path: [{ kind: 'Order', id: '5' }] };

it('has a sweep armed before every try of a write', async () => {
  const { events, store } = watched(async (work) => {
    await work({} as Transaction);
    return work({} as Transaction);
  });
  await store.decide(key, () => ({ result: 1 }));
  expect(events).toEqual(['arm', 'read', 'arm', 'read', 'arm']);
});

it('has one armed after a write too, whatever is known of its outcome', async () => {
  const { events, store } = watched(async (work) => {
    await work({} as Transaction);
    throw new OutcomeUnknownError('Order/5');
  });
  await expect(store.decide(key, () => ({ result: 1 }))).rejects.toThrow(OutcomeUnknownError);
  expect(events).toEqual(['arm', 'read', 'arm']);
});
