import { expect, it } from 'vitest';
import type { Decided, LockStore, Stored } from '../../lib/datastore/lock-store.js';
import { Holding } from '../../lib/delivery/holding.js';
import type { Obligations } from '../../lib/delivery/obligations.js';
import { VirtualClock } from '../../lib/emulator/virtual-clock.js';
import { Lockable } from '../../lib/entity/lockable.js';
import { TrackedEntity } from '../../lib/entity/tracked-entity.js';
import { Lock } from '../../lib/lock/lock.js';
import { noTelemetry } from '../../lib/system/telemetry.js';
import { terms } from '../lock/locks.js';

class Order extends Lockable {
  static readonly kind = 'Order';
}

const key = { path: [{ kind: 'Order', id: '5' }] };

/** A lease that was acquired now, and whose writes take as long as told. */
function held(takes: number[]) {
  const clock = new VirtualClock();
  const lock = new Lock({ run: 'r', step: 1, leaseId: 'l', timestamp: clock.now() });
  const decide = async <T>(_: unknown, decision: (stored: Stored) => Decided<T>): Promise<T> => {
    await clock.advance(takes.shift() ?? 0);
    return decision({ entity: { key }, lock, now: clock.now(), inDoubt: false }).result;
  };
  const tenure = {
    address: { projectId: 'p', databaseId: '', key },
    definition: { name: 'charge', path: '/tasks/charge', entity: Order, terms },
    lock,
    tracked: TrackedEntity.load(Order, { key }, () => {}),
    queue: 'default',
    acquiredAt: clock.now(),
    deadline: clock.now() + 600_000,
  };
  const holding = new Holding(tenure, {
    store: { decide } as unknown as LockStore,
    obligations: {} as Obligations,
    clock,
    log: { debug: () => {}, log: () => {}, warn: () => {}, error: () => {} },
    telemetry: noTelemetry,
  });
  return { clock, holding };
}

it('is old when half of the lease is over, counted from when its last renewal was sent', async () => {
  const { leaseDuration } = terms;
  const { clock, holding } = held([0, 0.6 * leaseDuration]);
  expect(holding.isOld).toBe(false);
  await clock.advance(0.6 * leaseDuration);
  expect(holding.isOld).toBe(true);
  await holding.touch(new Map());
  expect(holding.isOld).toBe(false);
  await holding.touch(new Map());
  expect(holding.isOld).toBe(true);
  holding.stop();
});
