import { expect, it } from 'vitest';
import { LockStore } from '../../lib/datastore/lock-store.js';
import type { Transactions } from '../../lib/datastore/transactions.js';
import { OutcomeUnknownError } from '../../lib/locker.errors.js';

it('has a sweep armed after a write too, whatever is known of its outcome', async () => {
  const events: string[] = [];
  const arm = () => Promise.resolve(void events.push('arm'));
  const run = () => {
    events.push('write');
    return Promise.reject(new OutcomeUnknownError('Order/5'));
  };
  const store = new LockStore(
    { run } as unknown as Transactions,
    { now: () => 0, after: () => () => {} },
    { isNeeded: () => true, arm, rearm: arm },
  );
  const key = { path: [{ kind: 'Order', id: '5' }] };
  await expect(store.decide(key, () => ({ result: 1 }))).rejects.toThrow(OutcomeUnknownError);
  expect(events).toEqual(['arm', 'write', 'arm']);
});
