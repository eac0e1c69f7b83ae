import { MailerService } from '@nestjs-modules/mailer';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { LockerTesting } from 'nestjs-datastore-locker/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { MailServer } from '../../sample/02-orders/outside/mail-server.js';
import { PaymentProvider } from '../../sample/02-orders/outside/payment-provider.js';
import { Order } from '../../sample/02-orders/shop/order.js';
import { Payments } from '../../sample/02-orders/shop/payments.js';
import { shopConfig } from '../../sample/02-orders/shop/shop.config.js';
import { ShopModule } from '../../sample/02-orders/shop/shop.module.js';
import { Stock } from '../../sample/02-orders/shop/stock.js';
import { Operator } from '../../sample/02-orders/show/operator.js';
import { orderOf, planFrom } from '../../sample/02-orders/show/plan.js';
import { differentMails, problemsOf, type Evidence } from '../../sample/02-orders/show/verdict.js';
import { staffConfig } from '../../sample/staff/staff.config.js';
import { Gate } from '../support/gate.js';
import { MemoryLogger } from '../support/memory-logger.js';

const password = 'open sesame';
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

describe('the shop of the orders sample, on Fastify', () => {
  let testing: LockerTesting;
  let provider: PaymentProvider;
  let mailServer: MailServer;
  const logger = new MemoryLogger();
  beforeAll(async () => {
    provider = await PaymentProvider.start();
    mailServer = await MailServer.start();
    const config = { paymentsUrl: provider.url, smtpPort: mailServer.port, shipAfter: '1d' };
    testing = await LockerTesting.start(
      Test.createTestingModule({ imports: [ShopModule] })
        .setLogger(logger)
        .overrideProvider(shopConfig.KEY)
        .useValue(config)
        .overrideProvider(staffConfig.KEY)
        .useValue({ password }),
      { adapter: new FastifyAdapter() },
    );
  });
  afterEach(async () => {
    await testing.reset();
    provider.charges.length = 0;
    provider.requests = 0;
    mailServer.mails.length = 0;
  });
  afterAll(async () => {
    await testing.close();
    await Promise.all([provider.stop(), mailServer.stop()]);
  });

  const place = async (changes: object = {}) => {
    const body = JSON.stringify({ ...orderOf(0), ...changes });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${testing.url}/orders`, { method: 'POST', headers, body });
    return response.status;
  };
  const orderKey = () => testing.locker.key(Order, orderOf(0).id);
  const stockKey = () => testing.locker.key(Stock, orderOf(0).product);
  const stockUp = (left: number) =>
    testing.locker.transact(async (tx) => {
      const stock = (await tx.get(stockKey())) ?? new Stock();
      stock.left = left;
      tx.save(stockKey(), stock);
    });

  it('charges, reserves, confirms, and ships a day later', async () => {
    await stockUp(5);
    expect(await place()).toBe(201);
    await testing.tasks.drain({ until: testing.clock.now() });
    await testing.expectChain(orderKey()).toBeReadyFor('order.ship');
    await testing.tasks.drain();
    await testing.expectChain(orderKey()).toHaveCommitted(4);
    expect(await testing.locker.get(orderKey())).toMatchObject({
      chargeId: 'ch_1',
      isReserved: true,
      isConfirmed: true,
      shippedAt: expect.any(Date) as Date,
    });
    expect((await testing.locker.get(stockKey()))?.left).toBe(4);
    expect(provider.charges).toMatchObject([{ reference: 'order-1', amount: 1_250 }]);
    expect(mailServer.mails).toMatchObject([{ order: 'order-1' }]);
  });

  it('finds the order that is there when it is sent again', async () => {
    await stockUp(5);
    await place();
    await place();
    await testing.tasks.drain();
    await place();
    await testing.tasks.drain();
    expect(provider.charges).toHaveLength(1);
    expect(mailServer.mails).toHaveLength(1);
  });

  it('charges once though the task comes twice', async () => {
    await stockUp(5);
    await place();
    await testing.tasks.deliver(await testing.tasks.next(orderKey()), { times: 2 });
    await testing.tasks.drain();
    await testing.expectChain(orderKey()).toHaveCommitted(4);
    expect(provider.charges).toHaveLength(1);
    expect((await testing.locker.get(stockKey()))?.left).toBe(4);
  });

  it('sends a mail once more when its step could not be stored, with the same Message-ID', async () => {
    await stockUp(5);
    await place();
    const mailer = testing.get(MailerService);
    const send = mailer.sendMail.bind(mailer);
    vi.spyOn(mailer, 'sendMail').mockImplementationOnce(async (options) => {
      const sent: unknown = await send(options);
      testing.emulator.faults.add({
        fault: 'fail-before',
        service: 'datastore',
        method: 'commit',
        code: 'INVALID_ARGUMENT',
        times: 1,
      });
      return sent as never;
    });
    await testing.tasks.drain();
    await testing.expectChain(orderKey()).toHaveCommitted(4);
    expect(mailServer.mails).toHaveLength(2);
    expect(differentMails(mailServer.mails)).toBe(1);
    vi.restoreAllMocks();
  });

  it('goes on after a charge with an unknown outcome when somebody presses "Retry", and charges once', async () => {
    await stockUp(5);
    await place();
    const payments = testing.get(Payments);
    const charge = payments.charge.bind(payments);
    const gate = new Gate();
    vi.spyOn(payments, 'charge').mockImplementationOnce(async (...args) => {
      const id = await charge(...args);
      await gate.pass();
      return id;
    });
    const cutOff = testing.tasks.deliver(await testing.tasks.next(orderKey()));
    await gate.reached;
    await testing.locker.release(orderKey());
    gate.open();
    await cutOff;
    await testing.expectChain(orderKey()).toHaveFailed('Nobody knows how far its holder had come');
    expect((await testing.locker.get(orderKey()))?.chargeId).toBeUndefined();

    const operator = new Operator(testing.url, password);
    await operator.retryFailed();
    expect(operator.retried).toEqual(['Order/"order-1"']);
    await testing.tasks.drain();
    await testing.expectChain(orderKey()).toBeCompleted();
    expect(await testing.locker.get(orderKey())).toMatchObject({ chargeId: 'ch_1' });
    expect(provider.charges).toHaveLength(1);
    expect(provider.requests).toBe(2);
    await operator.retryFailed();
    expect(operator.retried).toHaveLength(1);
    expect(JSON.stringify(logger)).toContain('operator did');
    vi.restoreAllMocks();
  });

  it('fails an order of something that is sold out, and goes on when it is retried', async () => {
    await stockUp(0);
    await place();
    await testing.tasks.drain();
    await testing.expectChain(orderKey()).toHaveFailed('product-1 is sold out');
    await stockUp(1);
    await new Operator(testing.url, password).retryFailed();
    await testing.tasks.drain();
    await testing.expectChain(orderKey()).toBeCompleted();
    expect((await testing.locker.get(stockKey()))?.left).toBe(0);
  });

  it('shows of an order what the staff need, and not whose it is', async () => {
    await place();
    const headers = { authorization: `Basic ${btoa(`ada:${password}`)}` };
    const url = `${testing.url}/locker/api/chain?key=Order/"order-1"`;
    const chain = await (await fetch(url, { headers })).text();
    expect(JSON.parse(chain)).toMatchObject({
      properties: { ordered: '1 × product-1', charge: 'unknown' },
    });
    expect(chain).not.toContain('@example.com');
  });

  it.each([
    ['nothing', undefined],
    ['a wrong password', `Basic ${btoa('ada:open')}`],
    ['no password', `Basic ${btoa('ada:')}`],
    ['no name', 'Basic eA=='],
    ['a token', `Bearer ${password}`],
  ])('lets nobody into the console who says %s', async (_, authorization) => {
    const headers = { ...(authorization && { authorization }), 'x-locker-console': '1' };
    for (const path of ['', '/main.js', '/api/overview']) {
      const response = await fetch(`${testing.url}/locker${path}`, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
  });

  it.each([
    ['an address that is none', { email: 'nobody' }],
    ['nothing', { quantity: 0 }],
    ['half of something', { quantity: 0.5 }],
  ])('refuses an order with %s', async (_, changes) => {
    expect(await place(changes)).toBe(400);
    expect(await testing.locker.get(orderKey())).toBeUndefined();
  });

  it('fails a charge whose payload is refused, without an attempt', async () => {
    const order = Object.assign(new Order(), orderOf(0));
    const body = { amount: -5, currency: 'EUR' };
    await testing.locker.schedule(orderKey(), order, 'order.charge', { body });
    await testing.tasks.drain();
    await testing.expectChain(orderKey()).toHaveFailed('amount must be a positive number');
    expect(provider.charges).toEqual([]);
  });
});

describe('the verdict of the orders sample', () => {
  const plan = planFrom({ ORDERS: '2', KILLS: '1' });
  const good: Evidence = {
    plan,
    kills: 1,
    orders: [0, 1].map((index) => ({
      id: orderOf(index).id,
      total: 100,
      isReserved: true,
      isShipped: true,
      state: 'completed',
    })),
    stock: new Map([
      ['product-1', 999],
      ['product-2', 998],
    ]),
    charges: ['order-1', 'order-2'].map((reference) => ({ id: 'c', reference, amount: 100 })),
    mails: ['order-1', 'order-2'].map((order) => ({ messageId: order, order })),
  };
  const [first, second] = good.orders;

  it('finds nothing in a good run, two copies of one mail included', () => {
    expect(problemsOf(good)).toEqual([]);
    expect(problemsOf({ ...good, mails: [...good.mails, ...good.mails] })).toEqual([]);
  });

  it.each<[string, Partial<Evidence>]>([
    ['order-2 is not there.', { orders: first ? [first] : [] }],
    ['order-1 was charged 0 times.', { charges: good.charges.slice(1) }],
    ['order-1 was charged 2 times.', { charges: [...good.charges, ...good.charges.slice(0, 1)] }],
    [
      'order-1 was not charged what it costs.',
      { charges: [{ id: 'c', reference: 'order-1', amount: 1 }, ...good.charges.slice(1)] },
    ],
    ['order-1 was confirmed by 0 different mails.', { mails: good.mails.slice(1) }],
    [
      'order-1 was confirmed by 2 different mails.',
      { mails: [...good.mails, { messageId: 'other', order: 'order-1' }] },
    ],
    ['The application was killed 0 times only.', { kills: 0 }],
    [
      '2 of product-1 are gone from the stock; 1 were sold.',
      { stock: new Map([...good.stock, ['product-1', 998]]) },
    ],
    ...(first && second
      ? ([
          ['order-1 has nothing reserved.', { orders: [{ ...first, isReserved: false }, second] }],
          ['order-1 was not shipped.', { orders: [{ ...first, isShipped: false }, second] }],
          [
            'order-1 is failed, not completed.',
            { orders: [{ ...first, state: 'failed' }, second] },
          ],
        ] satisfies [string, Partial<Evidence>][])
      : []),
  ])('says: %s', (problem, change) => {
    expect(problemsOf({ ...good, ...change })).toEqual([problem]);
  });
});

// Its processes are real ones; a busy machine takes its own time.
describe('the orders sample', { timeout: 180_000 }, () => {
  it('charges, confirms and ships every order, though the shop is killed', async () => {
    const hooks = new URL('../support/load-typescript.ts', import.meta.url).href;
    const args = ['--no-warnings', '--import', hooks, file('../../sample/02-orders/main.ts')];
    const others = Object.entries(process.env).filter(
      ([name]) => !/^(LOCKER|GOOGLE_CLOUD|DATASTORE|CLOUD_TASKS)_|^PORT$/.test(name),
    );
    const env = { ...Object.fromEntries(others), ORDERS: '6', KILLS: '1', SHIP_AFTER: '200ms' };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(stdout).toContain(
      'Each of 6 orders was charged once, reserved once, confirmed and shipped',
    );
    expect(stdout).toMatch(/Console {6}http:.*\/locker, as anybody with the password \w+/);
    expect(stdout).toMatch(/Charges {3}6, asked for by \d+ requests/);
  });
});
