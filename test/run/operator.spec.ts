import { describe, expect, it } from 'vitest';
import { writeLock } from '../../lib/datastore/lock-properties.js';
import type { Decided, LockStore, Stored } from '../../lib/datastore/lock-store.js';
import { LeaseTable } from '../../lib/delivery/lease-table.js';
import type { Obligations } from '../../lib/delivery/obligations.js';
import { Lock } from '../../lib/lock/lock.js';
import { Operator } from '../../lib/run/operator.js';
import { held, now, ready, terms } from '../lock/locks.js';

const key = { path: [{ kind: 'Job', name: 'a' }] };
const address = { projectId: 'p', databaseId: '', key };

const stored = (lock: Lock, inDoubt: boolean): Stored => ({
  entity: writeLock({ key }, lock),
  lock,
  now,
  inDoubt,
});

/** An operator whose first commit has an unknown outcome; what is stored after it is given. */
function operator(before: Lock, after: (mine: Lock) => Lock) {
  const store = {
    decide: <T>(_: unknown, decision: (stored: Stored) => Decided<T>) => {
      const first = decision(stored(before, false));
      const mine = first.result instanceof Lock ? first.result : before;
      return Promise.resolve().then(() => decision(stored(after(mine), true)).result);
    },
  } as unknown as LockStore;
  const obligations = {
    meet: () => Promise.resolve(true),
    dispatch: () => Promise.resolve(true),
  } as unknown as Obligations;
  const entropy = { id: () => 'operation', fraction: () => 0 };
  return new Operator(store, obligations, new LeaseTable(), entropy, () => terms);
}

describe.each([
  ['release', held(0)],
  ['runNow', ready()],
  ['redispatch', ready()],
] as const)(
  'an operation on a step whose commit may have been applied: %s',
  (operation, before) => {
    it('was made, where its own id is found', async () => {
      const { run } = await operator(before, (mine) => mine)[operation](address);
      expect(run).toBe(before.run);
    });

    it('is made, where the lock is as it was', async () => {
      expect(await operator(before, () => before)[operation](address)).toMatchObject({
        dispatched: true,
      });
    });

    it.each([
      ['another step', before.with({ step: before.step + 1 })],
      ['another dispatch', before.with({ number: before.number + 1 })],
      ['another lease', held(0, { leaseId: 'somebody' })],
      ['another run', before.with({ run: 'f'.repeat(32) })],
    ])('is not made to what came in between: %s', async (_, after) => {
      await expect(operator(before, () => after)[operation](address)).rejects.toMatchObject({
        code: 'OUTCOME_UNKNOWN',
      });
    });
  },
);
