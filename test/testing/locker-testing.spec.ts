import { AssertionError } from 'node:assert';
import { Controller, Module } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LockerModule, PermanentTaskError, type Alert } from 'nestjs-datastore-locker';
import { LockerTesting, LockerTestingModule } from 'nestjs-datastore-locker/testing';
import { Gate } from '../support/gate.js';
import { MemoryLogger } from '../support/memory-logger.js';
import { Order, Orders, OrdersModule, Payments } from './orders.js';

const messageOf = async (expectation: Promise<void>): Promise<string> => {
  const error: unknown = await expectation.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AssertionError);
  return error instanceof AssertionError ? error.message : '';
};

const build = () => Test.createTestingModule({ imports: [OrdersModule] });

const adapters = {
  express: () => new ExpressAdapter(),
  fastify: () => new FastifyAdapter(),
};

describe.each(['express', 'fastify'] as const)('the testing kit, on %s,', (name) => {
  let testing: LockerTesting;
  let charge: Payments['charge'];
  const charged: string[] = [];
  let alertsFail = false;
  beforeAll(async () => {
    const payments = {
      charge: (total: number, key: string) => {
        charged.push(key);
        return charge(total, key);
      },
    };
    testing = await LockerTesting.start(
      Test.createTestingModule({ imports: [OrdersModule] })
        .setLogger(new MemoryLogger())
        .overrideProvider(Payments)
        .useValue(payments),
      {
        adapter: adapters[name](),
        configure: (app) => void app.setGlobalPrefix('shop'),
        options: {
          maxRetries: 2,
          alerter: {
            send: () => (alertsFail ? Promise.reject(new Error('no')) : Promise.resolve()),
          },
        },
        startAt: new Date('2026-05-01T10:00:00Z'),
      },
    );
  });
  afterEach(async () => {
    await testing.reset();
    charged.length = 0;
    charge = () => Promise.resolve('receipt');
  });
  afterAll(() => testing.close());
  charge = () => Promise.resolve('receipt');

  const keyOf = (id: string) => testing.locker.key(Order, id);
  const start = async (id: string, order = new Order(), task = 'order.charge') => {
    await testing.locker.schedule(keyOf(id), order, task);
    return keyOf(id);
  };

  it('listens on a port of this machine, set up as main.ts would', async () => {
    const response = await fetch(`${testing.url}/shop/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'one' }),
    });
    expect(await response.json()).toMatchObject({ started: true, dispatched: true });
    await testing.tasks.drain();
    await testing.expectChain(keyOf('one')).toBeCompleted();
    expect(testing.get(Orders)).toBeInstanceOf(Orders);
  });

  it('dispatches nothing before it is told to', async () => {
    const key = await start('one');
    await testing.clock.advance('1m');
    expect(charged).toEqual([]);
    await testing.expectChain(key).toBeReadyFor('order.charge');
    expect(await testing.tasks.waiting()).toMatchObject([
      {
        step: 1,
        number: 0,
        queue: 'default',
        body: '{}',
        url: `${testing.url}/shop/orders/order.charge`,
      },
    ]);
  });

  it('drains days in no time, or up to a moment', async () => {
    const key = await start('one');
    const began = testing.clock.now().getTime();
    await testing.tasks.drain({ until: new Date(began + 3_600_000) });
    expect(charged).toHaveLength(1);
    await testing.expectChain(key).toBeReadyFor('order.ship');
    const task = await testing.tasks.next(key);
    expect(task.at.getTime()).toBeGreaterThanOrEqual(began + 2 * 86_400_000);
    await testing.tasks.drain();
    await testing.expectChain(key).toBeCompleted();
    await testing.expectChain(key).toHaveCommitted(2);
    expect(testing.clock.now().getTime()).toBeGreaterThanOrEqual(began + 2 * 86_400_000);
    expect(await testing.tasks.waiting()).toEqual([]);
    await expect(testing.tasks.next(key)).rejects.toThrow(
      'Expected a task of Order/"one" in a queue. There is none.',
    );
  });

  it('runs what is due by now, though time has gone on since the moment that it was given', async () => {
    const before = testing.clock.now();
    await testing.clock.advance(50);
    const key = await start('one');
    await testing.tasks.drain({ until: before });
    expect(charged).toHaveLength(1);
    await testing.expectChain(key).toBeReadyFor('order.ship');
  });

  it('says so when there is no end to draining', async () => {
    charge = () => Promise.reject(new Error('no'));
    await start('one');
    await expect(testing.tasks.drain({ limit: 1 })).rejects.toThrow(
      'something was still due after 1 jumps',
    );
  });

  it('begins at the time that it is given, and moves on', async () => {
    const before = testing.clock.now().getTime();
    expect(before).toBeGreaterThanOrEqual(Date.UTC(2026, 4, 1, 10));
    await testing.clock.advance('1h');
    expect(testing.clock.now().getTime() - before).toBeGreaterThanOrEqual(3_600_000);
    await testing.clock.moveTo(new Date('2027-01-01'));
    expect(testing.clock.now().toISOString()).toMatch(/^2027-01-01T00:00/);
    await expect(testing.clock.moveTo(new Date('2026-01-01'))).rejects.toThrow(
      'time does not go back',
    );
    await expect(testing.clock.advance('soon')).rejects.toThrow("expected a duration such as '5m'");
  });

  it('delivers duplicates at once: one runs, the other is busy', async () => {
    const gate = new Gate();
    charge = async () => (await gate.pass(), 'receipt');
    const key = await start('one');
    const task = await testing.tasks.next(key);
    const answers = testing.tasks.deliver(task, { times: 2 });
    await gate.reached;
    await testing.expectChain(key).toBeHeld();
    // Whichever came second has its answer before the first goes on.
    await new Promise((resolve) => setTimeout(resolve, 100));
    gate.open();
    const outcomes = (await answers).map(({ status, outcome }) => `${status} ${outcome}`);
    expect(outcomes.toSorted()).toEqual(['200 advanced', '409 busy']);
    expect(charged).toHaveLength(1);
  });

  it('delivers a late duplicate, which is dropped', async () => {
    const key = await start('one');
    const task = await testing.tasks.next(key);
    await testing.tasks.drain();
    const [answer] = await testing.tasks.deliver(task);
    expect(answer).toMatchObject({ status: 200, outcome: 'stale', reason: 'the run is completed' });
    expect(charged).toHaveLength(1);
  });

  it('hands on what the handler throws, and lets its retries run', async () => {
    charge = () => Promise.reject(new Error('card declined'));
    const key = await start('one');
    const task = await testing.tasks.next(key);
    const [answer] = await testing.tasks.deliver(task);
    expect(answer).toMatchObject({ status: 500, outcome: undefined });
    await testing.tasks.drain();
    await testing.expectChain(key).toHaveFailed('card declined');
    await testing.expectChain(key).toHaveFailed(/card .*ed/);
    expect(charged).toHaveLength(3);
    expect(new Set(charged).size).toBe(1);
    expect(testing.alerts).toMatchObject([{ type: 'failed', kind: 'Order' }]);
  });

  it('tells how a chain stands that is not as expected', async () => {
    charge = () => Promise.reject(new Error('card declined'));
    const key = await start('one');
    expect(await messageOf(testing.expectChain(key).toBeCompleted())).toBe(
      'Expected Order/"one" to be completed. Order/"one" is ready for step 1 (order.charge). No step has ended yet.',
    );
    await testing.tasks.drain();
    const failed = testing.expectChain(key);
    expect(await messageOf(failed.toBeCompleted())).toBe(
      'Expected Order/"one" to be completed. Order/"one" is failed at step 1 (order.charge), after 3 failed attempts. Its last error: "Error: card declined". Its history: step 1, attempt 1: released; step 1, attempt 2: released; step 1, attempt 3: failed.',
    );
    expect(await messageOf(failed.toHaveFailed('no money'))).toContain(
      'to have failed by no money',
    );
    expect(await messageOf(failed.toHaveCommitted(1))).toContain('to have committed steps 1 to 1');
    expect(await messageOf(failed.toBeReadyFor('order.ship'))).toContain('to be ready');
    expect(await messageOf(failed.toBeCancelled())).toContain('to be cancelled');
    expect(await messageOf(failed.toBeHeld())).toContain('to be held');
    expect(await messageOf(failed.toBeWaiting())).toContain('to be waiting');
  });

  it('tells of a chain that waits, and of one that is cancelled', async () => {
    const key = await start('one', new Order(), 'order.gather');
    await testing.tasks.drain({ until: testing.clock.now() });
    await testing.expectChain(key).toBeWaiting();
    await testing.expectChain(key).toBeWaiting(2);
    expect(await messageOf(testing.expectChain(key).toBeWaiting(1))).toContain(
      'is waiting for 2 arrivals before step 2 (order.ship), due at 20',
    );
    await testing.locker.cancel(key);
    await testing.expectChain(key).toBeCancelled();
  });

  it('drains past the deadline of a wait, as a sweep would', async () => {
    const key = await start('one', new Order(), 'order.gather');
    const began = testing.clock.now().getTime();
    await testing.tasks.drain();
    await testing.expectChain(key).toBeCompleted();
    const passed = testing.clock.now().getTime() - began;
    expect(passed).toBeGreaterThanOrEqual(3_600_000);
    expect(passed).toBeLessThan(3_700_000);
  });

  it('drains a chain whose task is lost, as a sweep would', async () => {
    const key = await start('one');
    testing.emulator.faults.add({ fault: 'lose', times: 1 });
    await testing.tasks.drain();
    await testing.expectChain(key).toHaveCommitted(2);
    expect(charged).toHaveLength(1);
  });

  it('is done with an alert that cannot be sent', async () => {
    charge = () => Promise.reject(new PermanentTaskError('no'));
    alertsFail = true;
    const key = await start('one');
    await testing.tasks.drain();
    await testing.expectChain(key).toHaveFailed('no');
    expect(testing.alerts.length).toBeGreaterThan(0);
    alertsFail = false;
  });

  it('tells a step of another task from the one expected, and that nothing is stored', async () => {
    const key = await start('one');
    expect(await messageOf(testing.expectChain(key).toBeReadyFor('order.ship'))).toContain(
      'to be ready for order.ship',
    );
    await expect(testing.expectChain(keyOf('none')).toBeCompleted()).rejects.toThrow(
      'Order/"none"',
    );
  });
});

describe('the testing kit', () => {
  it('keeps the options of the application, but for where things are', async () => {
    const sent: Alert[] = [];
    @Module({
      imports: [
        LockerModule.forRoot({
          target: { appEngine: {} },
          guard: 'appengine',
          location: 'us-central1',
          projectId: 'shop',
          defaultQueue: 'orders',
          maxRetries: 0,
          alerter: { send: (alert) => Promise.resolve(void sent.push(alert)) },
        }),
      ],
      controllers: [Orders],
      providers: [Payments],
    })
    class Application {}
    const testing = await LockerTesting.start(Test.createTestingModule({ imports: [Application] }));
    try {
      const key = testing.locker.key(Order, 'one');
      await testing.locker.schedule(key, Object.assign(new Order(), { total: -1 }), 'order.charge');
      expect((await testing.tasks.next(key)).name).toMatch(
        /^projects\/shop\/locations\/us-central1\/queues\/orders\//,
      );
      await testing.tasks.drain();
      await testing.expectChain(key).toHaveFailed('nothing to charge');
      expect(sent).toEqual(testing.alerts);
      expect(sent).toHaveLength(1);
    } finally {
      await testing.close();
    }
  });

  it('needs no module of the application', async () => {
    const testing = await LockerTesting.start(
      Test.createTestingModule({
        imports: [LockerTestingModule.forRoot({ maxRetries: 0 })],
        controllers: [Orders],
        providers: [Payments],
      }),
    );
    const key = testing.locker.key(Order, 'one');
    await testing.locker.schedule(key, new Order(), 'order.charge');
    await testing.tasks.drain();
    expect(await testing.expectChain(key).toBeCompleted()).toBeUndefined();
    await testing.close();
  });

  it('runs two applications beside each other that never meet', async () => {
    const [one, other] = await Promise.all([
      LockerTesting.start(build()),
      LockerTesting.start(build()),
    ]);
    const key = one.locker.key(Order, 'one');
    await one.locker.schedule(key, new Order(), 'order.charge');
    expect(await other.tasks.waiting()).toEqual([]);
    await expect(other.expectChain(key).toBeCompleted()).rejects.toThrow('Order/"one"');
    await one.tasks.drain();
    await one.expectChain(key).toBeCompleted();
    await Promise.all([one.close(), other.close()]);
  });

  it('says what is missing when nothing imports LockerModule', async () => {
    @Controller()
    class Nothing {}
    const builder = Test.createTestingModule({ controllers: [Nothing] });
    await expect(LockerTesting.start(builder)).rejects.toThrow(
      'nothing in the module imports LockerModule',
    );
  });

  it('leaves nothing behind when the application does not start', async () => {
    const started = LockerTesting.start(build(), {
      configure: () => Promise.reject(new Error('no pipes today')),
    });
    await expect(started).rejects.toThrow('no pipes today');
  });
});
