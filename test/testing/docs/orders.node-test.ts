import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Test } from '@nestjs/testing';
import { LockerTesting } from 'nestjs-datastore-locker/testing';
import { AppModule, Order, Payments } from './orders.js';

/** The kit under Node's own test runner: no line of it is Vitest's. */
const payments = { charge: () => Promise.resolve('receipt') };
const testing = await LockerTesting.start(
  Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(Payments)
    .useValue(payments),
);
after(() => testing.close());

void test('an order is charged and shipped', async () => {
  const key = testing.locker.key(Order, 'one');
  await testing.locker.schedule(key, new Order(), 'order.charge');
  await assert.rejects(testing.expectChain(key).toBeCompleted(), assert.AssertionError);
  await testing.tasks.drain();
  await testing.expectChain(key).toBeCompleted();
});
