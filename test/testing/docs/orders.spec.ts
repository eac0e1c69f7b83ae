import { Test } from '@nestjs/testing';
import { LockerTesting } from 'nestjs-datastore-locker/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppModule, Order, Payments } from './orders.js';

describe('an order', () => {
  const charges: string[] = [];
  const payments = {
    charge: (_total: number, key: string) => Promise.resolve(`receipt ${charges.push(key)}`),
  };
  let testing: LockerTesting;

  beforeAll(async () => {
    testing = await LockerTesting.start(
      Test.createTestingModule({ imports: [AppModule] })
        .overrideProvider(Payments)
        .useValue(payments),
    );
  });
  afterEach(() => testing.reset());
  afterAll(() => testing.close());

  const place = async () => {
    charges.length = 0;
    const key = testing.locker.key(Order, 'one');
    await testing.locker.schedule(key, new Order(), 'order.charge');
    return key;
  };

  it('is charged, and shipped two days later', async () => {
    const order = await place();
    await testing.tasks.drain({ until: testing.clock.now() });
    await testing.expectChain(order).toBeReadyFor('order.ship');
    await testing.tasks.drain();
    await testing.expectChain(order).toBeCompleted();
    expect((await testing.locker.get(order))?.receipt).toBe('receipt 1');
  });

  it('is charged once, though its task is delivered twice at once and once more at the end', async () => {
    const order = await place();
    const task = await testing.tasks.next(order);
    await testing.tasks.deliver(task, { times: 2 });
    await testing.tasks.drain();
    const [late] = await testing.tasks.deliver(task);
    expect(late).toMatchObject({ status: 200, outcome: 'stale' });
    expect(charges).toHaveLength(1);
    await testing.expectChain(order).toHaveCommitted(2);
  });
});
