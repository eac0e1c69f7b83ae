import type { EntityProto } from '../../lib/google/datastore-api.js';
import { writeLock } from '../../lib/datastore/lock-properties.js';
import { Lock } from '../../lib/lock/lock.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectId, type Application } from '../support/application.js';
import { startShop } from './shop.js';

const many = 10_000;

/** A chain as its entity holds it: most are scheduled, some run, some are overdue, some failed. */
function entity(index: number, now: number): EntityProto {
  const key = {
    partitionId: { projectId, namespaceId: '' },
    path: [{ kind: 'Order', name: `order-${String(index).padStart(6, '0')}` }],
  };
  const state = index % 50;
  const lock = new Lock({
    run: 'a'.repeat(32),
    project: projectId,
    step: 1 + (index % 7),
    timestamp: now - index,
    task: { name: 'order.charge', queue: 'default', at: now + index * 100 },
    due: state === 0 ? now - 1_000 - index : now + 60_000 + index * 100,
    ...(state === 1 && { leaseId: `lease-${index}`, holder: { since: now - index, renews: true } }),
    ...(state === 2 && { end: 'failed' as const, due: undefined, error: 'no' }),
  });
  return writeLock({ key, properties: { total: { integerValue: '5' } } }, lock);
}

describe(`a console of ${many} chains`, () => {
  let shop: Application;
  beforeAll(async () => {
    shop = await startShop();
    const now = shop.clock.now();
    for (let from = 0; from < many; from += 500) {
      const mutations = Array.from({ length: 500 }, (_, index) => ({
        upsert: entity(from + index, now),
      }));
      await shop.emulator.datastore.commit({ projectId, mode: 'NON_TRANSACTIONAL', mutations });
    }
  });
  afterAll(() => shop.stop());

  it.each(['owing', 'failed', 'overdue', 'held', 'ready', 'any'])(
    'lists a page of them at once (%s)',
    async (state) => {
      const url = `${shop.baseUrl}/locker/api/chains?kind=Order&state=${state}`;
      await (await fetch(url)).text();
      const began = performance.now();
      const { chains } = (await (await fetch(url)).json()) as { chains: { state: string }[] };
      const ms = performance.now() - began;
      console.info(`a page of ${state}, of ${many} chains: ${Math.round(ms)} ms`);
      expect(chains.length).toBeGreaterThan(0);
      // Some 20 to 60 ms on an idle machine; the bound is for a busy one.
      expect(ms).toBeLessThan(2_000);
    },
  );

  it('goes on where Datastore ends an answer before the limit', async () => {
    const { chains } = await shop.locker.list({ kind: 'Order', state: 'owing', limit: 1_000 });
    expect(chains).toHaveLength(1_000);
    expect(new Set(chains.map(({ key }) => key.name)).size).toBe(1_000);
  });

  it('reads no more than a page for it, and tells the whole by counts', async () => {
    const wire = shop.listen();
    const snapshot = await (await fetch(`${shop.baseUrl}/locker/api/overview`)).json();
    wire.close();
    expect(snapshot).toMatchObject({
      counts: [
        { kind: 'Order', owing: 9_800, failed: 200, overdue: 200, isComplete: false },
        { kind: 'PriceImport', owing: 0, isComplete: true },
        { kind: 'Billing', owing: 0, isComplete: true },
      ],
    });
    const queries = wire.methods.filter((method) => method === 'runQuery').length;
    expect(queries).toBeLessThan(30);
  });
});
