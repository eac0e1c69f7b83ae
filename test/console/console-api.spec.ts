import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Watchers } from '../../lib/console/watchers.js';
import type { ChainJson, PageJson, SnapshotJson } from '../../lib/console/wire.js';
import { adapters, Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { Circumstances, declined, Order, startShop } from './shop.js';

const countsOf = ({ counts }: SnapshotJson, namespace: string) =>
  counts.find((one) => one.kind === 'Order' && one.namespace === namespace);
const owing = (snapshot?: SnapshotJson) => (snapshot && countsOf(snapshot, '')?.owing) ?? -1;

/** Lets those in who bring the word of the day, which a module provides. */
@Injectable()
class StaffGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return headers['authorization'] === 'Bearer swordfish';
  }
}

const staff = { authorization: 'Bearer swordfish' };
const page = { ...staff, 'content-type': 'application/json', 'x-locker-console': '1' };

describe.each(adapters)('the console on %s', (adapter) => {
  let shop: Application;
  let order = 0;
  beforeAll(async () => {
    shop = await startShop(
      { guards: [StaffGuard], open: false },
      { adapter, options: { namespaces: ['', 'tenant'] } },
    );
  });
  afterEach(() => shop.reset());
  afterAll(() => shop.stop());

  const ask = (path: string, headers: Record<string, string> = staff) =>
    fetch(`${shop.baseUrl}/locker${path}`, { headers, redirect: 'manual' });
  const read = async <T>(path: string) => (await (await ask(path)).json()) as T;
  const chainOf = (key: string) =>
    read<ChainJson>(`/api/chain?key=${encodeURIComponent(`Order/"${key}"`)}`);

  async function act(action: string, body: object, headers: Record<string, string> = page) {
    const response = await fetch(`${shop.baseUrl}/locker/api/chain/${action}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as object };
  }

  /** A chain that is due, while no queue dispatches anything. */
  async function place(namespace = '') {
    shop.emulator.faults.hold();
    const name = `order-${++order}`;
    const key = shop.locker.key(Order, name, { namespace });
    await shop.locker.schedule(
      key,
      Object.assign(new Order(), { customer: 'Ada' }),
      'order.charge',
    );
    return { key, name };
  }

  /** A chain that has failed, because its card was declined; the next one is good. */
  async function fail() {
    const { name, key } = await place();
    const { troubles } = shop.get(Circumstances);
    troubles.set(name, declined);
    shop.emulator.faults.release();
    await eventually(async () => (await shop.locker.inspect(key)).lock.state === 'failed');
    shop.emulator.faults.hold();
    troubles.clear();
    return { name, key };
  }

  const keys = async (query: Record<string, string>) => {
    const { chains } = await read<PageJson>(
      `/api/chains?${new URLSearchParams({ kind: 'Order', ...query }).toString()}`,
    );
    return chains.map(({ key }) => key);
  };

  describe('its door', () => {
    const routes = [
      '',
      '/main.js',
      '/style.css',
      '/api/overview',
      '/api/events',
      '/api/chains?kind=Order',
      '/api/chain?key=Order/5',
      '/api/emulator',
    ];

    it.each(routes)('keeps out whom the guard refuses: %s', async (route) => {
      const response = await ask(route, {});
      expect(response.status).toBe(403);
      expect(await response.text()).not.toMatch(/Order|script/);
    });

    it('lets nobody act whom the guard refuses', async () => {
      const { name, key } = await place();
      const { run, step } = await chainOf(name);
      const { status } = await act(
        'cancel',
        { key: `Order/"${name}"`, run, step },
        { ...page, authorization: '' },
      );
      expect(status).toBe(403);
      expect((await shop.locker.inspect(key)).lock.state).toBe('ready');
    });

    it.each([
      ['another site', { ...page, 'sec-fetch-site': 'cross-site' }],
      ['another origin', { ...page, origin: 'http://evil.example' }],
      ['a form', { ...staff, 'content-type': 'application/x-www-form-urlencoded' }],
    ])('refuses what %s makes a browser do', async (_, headers) => {
      const { name, key } = await place();
      const { run, step } = await chainOf(name);
      const { status } = await act('cancel', { key: `Order/"${name}"`, run, step }, headers);
      expect(status).toBe(403);
      expect((await shop.locker.inspect(key)).lock.state).toBe('ready');
    });
  });

  it('serves its page and its files, with a policy that lets nothing else in', async () => {
    const response = await ask('');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]*src=)|\sstyle=|\son\w+=/);
    const files = [...html.matchAll(/(?:src|href)="(locker\/[^"]+)"/g)].map(
      ([, file]) => file ?? '',
    );
    expect(files).toContain('locker/main.js');
    for (const file of files) expect((await ask(file.replace('locker', ''))).status).toBe(200);
    expect((await ask('/main.js')).headers.get('content-type')).toBe(
      'text/javascript; charset=utf-8',
    );
    for (const file of ['/tsconfig.json', '/nothing.js', '/..%2findex.js', '/constructor'])
      expect((await ask(file)).status).toBe(404);
  });

  it('leads from its path with a slash to that without, where the adapter takes them for one', async () => {
    const { status, headers } = await ask('/');
    // Fastify knows no such path, unless it is told to ignore slashes at the end.
    const expected = { express: [302, '../locker'], fastify: [404, null] };
    expect([status, headers.get('location')]).toEqual(expected[adapter]);
  });

  it('tells how all chains are', async () => {
    const before = await read<SnapshotJson>('/api/overview');
    const failed = await fail();
    await place();
    const tenant = await place('tenant');
    const after = await read<SnapshotJson>('/api/overview');
    expect(after.kinds).toEqual(['Order', 'PriceImport', 'Billing']);
    expect(after.namespaces).toEqual(['', 'tenant']);
    expect(after.realm).toMatchObject({ projectId: 'test-project', location: 'europe-west1' });
    expect((countsOf(after, '')?.failed ?? 0) - (countsOf(before, '')?.failed ?? 0)).toBe(1);
    expect((countsOf(after, '')?.ready ?? 0) - (countsOf(before, '')?.ready ?? 0)).toBe(1);
    expect(countsOf(after, 'tenant')).toMatchObject({ ready: 1, owing: 1, failed: 0 });
    expect(after.failed[0]).toMatchObject({ key: `Order/"${failed.name}"`, state: 'failed' });
    expect(after.next.map(({ key }) => key)).toContain(`tenant:Order/"${tenant.name}"`);
    await shop.clock.advance(2_000);
    const { pace } = await read<SnapshotJson>('/api/overview');
    expect(pace).toHaveLength(60);
    expect(pace.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
  });

  it('tells of changes while somebody watches, and of nothing afterwards', async () => {
    const leave = new AbortController();
    const response = await fetch(`${shop.baseUrl}/locker/api/events`, {
      headers: staff,
      signal: leave.signal,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const body = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const snapshots: SnapshotJson[] = [];
    let text = '';
    const next = async () => {
      for (;;) {
        const [whole, data = ''] = /event: snapshot\ndata: (.*)\n\n/.exec(text) ?? [];
        if (whole) {
          text = text.slice(text.indexOf(whole) + whole.length);
          snapshots.push(JSON.parse(data) as SnapshotJson);
          return snapshots.at(-1);
        }
        text += (await body?.read())?.value ?? '';
      }
    };
    const before = owing(await next());
    await place();
    let after = before;
    while (after === before) after = owing(await next());
    expect(after).toBe(before + 1);
    leave.abort();
    await eventually(() => shop.nest.get(Watchers, { strict: false }).size === 0);
    const wire = shop.listen();
    // Streams are the machine's time's, as browsers are.
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    wire.close();
    expect(wire.methods).toEqual([]);
  });

  it('lists by state, kind and namespace, page by page', async () => {
    const placed: string[] = [];
    for (let index = 0; index < 5; index++) placed.push((await place('tenant')).name);
    const found: string[] = [];
    let cursor = '';
    do {
      const query = new URLSearchParams({
        kind: 'Order',
        namespace: 'tenant',
        state: 'ready',
        limit: '2',
        cursor,
      });
      const { chains, cursor: next = '' } = await read<PageJson>(`/api/chains?${query.toString()}`);
      expect(chains.length).toBeLessThanOrEqual(2);
      found.push(...chains.map(({ key }) => key));
      cursor = next;
    } while (cursor);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining(placed.map((name) => `tenant:Order/"${name}"`)));
  });

  it('finds chains by their ids, by whole keys, and by how names begin', async () => {
    shop.emulator.faults.hold();
    const schedule = (id: string | number, namespace = '') =>
      shop.locker.schedule(shop.locker.key(Order, id, { namespace }), new Order(), 'order.charge');
    await schedule(77);
    await schedule('search-1');
    await schedule('search-2', 'tenant');
    expect(await keys({ search: '77' })).toEqual(['Order/77']);
    expect(await keys({ search: 'Order/77' })).toEqual(['Order/77']);
    expect(await keys({ search: 'search-' })).toEqual(['Order/"search-1"']);
    expect(await keys({ search: 'search-', namespace: 'tenant' })).toEqual([
      'tenant:Order/"search-2"',
    ]);
    expect(await keys({ search: 'tenant:Order/"search-2"' })).toEqual(['tenant:Order/"search-2"']);
    expect(await keys({ search: 'nothing' })).toEqual([]);
    expect(await keys({ search: 'Secret/5' })).toEqual([]);
  });

  it.each([
    ['/api/chains', 'kind'],
    ['/api/chains?kind=Secret', 'kind'],
    ['/api/chains?kind=Order&namespace=other', 'namespace'],
    ['/api/chains?kind=Order&state=odd', 'state'],
    ['/api/chains?kind=Order&limit=0', 'limit'],
    ['/api/chain', 'key'],
    ['/api/chain?key=Secret/5', 'kind'],
  ])('says what is wrong with %s', async (path, problem) => {
    const response = await ask(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: expect.stringContaining(problem) as string,
    });
  });

  it('shows one chain, and of its entity what the application picks', async () => {
    const { name } = await fail();
    const chain = await chainOf(name);
    expect(chain).toMatchObject({
      state: 'failed',
      step: 1,
      tries: 1,
      task: 'order.charge',
      history: [{ outcome: 'failed', step: 1, attempt: 1, ms: expect.any(Number) as number }],
      properties: { customer: 'Ada', total: 0, receipt: '–' },
    });
    expect(chain.error).toContain('card_declined');
    expect(JSON.stringify(chain)).not.toContain('4242 4242');
    const missing = await ask('/api/chain?key=Order/404');
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ code: 'ENTITY_NOT_FOUND' });
  });

  it('lets a failed chain go on, and logs who did that', async () => {
    const { name, key } = await fail();
    const { run, step } = await chainOf(name);
    const answer = await act('retry', { key: `Order/"${name}"`, run, step });
    expect(answer).toEqual({ status: 200, body: { run, dispatched: true } });
    expect((await shop.locker.inspect(key)).lock.state).toBe('ready');
    const line = shop.logger.lines.find(({ message }) => message.includes('did "retry"'));
    expect(line?.message).toBe(`ada@shop.example did "retry" to Order/"${name}"`);
    expect(shop.logged('log').join()).toContain('ada@shop.example');
  });

  it('runs now, dispatches again and cancels', async () => {
    const { name, key } = await place();
    const { run, step } = await chainOf(name);
    const seen = { key: `Order/"${name}"`, run, step };
    expect(await act('run-now', seen)).toMatchObject({ status: 200, body: { dispatched: true } });
    expect(await act('redispatch', seen)).toMatchObject({
      status: 200,
      body: { dispatched: true },
    });
    expect((await shop.locker.inspect(key)).lock).toMatchObject({ number: 2, firstNumber: 1 });
    expect(await act('cancel', seen)).toMatchObject({ status: 200 });
    expect((await shop.locker.inspect(key)).lock.state).toBe('cancelled');
    const again = await act('cancel', seen);
    expect(again).toMatchObject({ status: 409, body: { code: 'RUN_STATE' } });
    expect(shop.logged('warn').join()).toContain('could not do "cancel"');
  });

  it('releases the lease that was seen, and no other', async () => {
    const { name, key } = await place();
    const gate = shop.get(Circumstances).gate(name);
    shop.emulator.faults.release();
    await gate.reached;
    const { run, step, leaseId } = await chainOf(name);
    const seen = { key: `Order/"${name}"`, run, step };
    expect(await act('release', { ...seen, leaseId: 'another' })).toMatchObject({ status: 409 });
    expect(await act('release', seen)).toMatchObject({ status: 409 });
    expect((await shop.locker.inspect(key)).lock.state).toBe('held');
    expect(await act('release', { ...seen, leaseId })).toMatchObject({
      status: 200,
      body: { state: 'ready', dispatched: true },
    });
    gate.open();
    await shop.emulator.tasks.idle();
    expect((await shop.locker.inspect(key)).lock).toMatchObject({ state: 'ready', tries: 1 });
  });

  it('does nothing to a chain that has moved on since it was seen', async () => {
    const { name, key } = await place();
    const { step } = await chainOf(name);
    const answer = await act('cancel', { key: `Order/"${name}"`, run: 'before', step });
    expect(answer).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining('moved on') as string },
    });
    expect((await shop.locker.inspect(key)).lock.state).toBe('ready');
  });

  it.each([
    ['delete', { key: 'Order/5', run: '', step: 1 }],
    ['constructor', { key: 'Order/5', run: '', step: 1 }],
    ['cancel', {}],
    ['cancel', { key: 'Order/5', run: 1, step: 1 }],
    ['cancel', { key: 'Secret/5', run: '', step: 1 }],
  ])('refuses what is no action or no chain: %s %j', async (action, body) => {
    expect((await act(action, body)).status).toBe(400);
  });

  it('shows the queues and tasks of the emulator in its process', async () => {
    await place();
    expect(await read('/api/emulator')).toMatchObject({
      queues: [
        {
          name: 'default',
          state: 'RUNNING',
          tasks: [{ path: '/tasks/order.charge', dispatches: 0 }],
        },
      ],
    });
  });
});

describe.each(adapters)('a console on %s without extras', (adapter) => {
  it('waits for what is shown of an entity, when more is looked up for it', async () => {
    const shop = await startShop(
      {
        properties: async (_, kind, { key, locker }) => {
          const next = await locker.get(locker.key(Order, `after ${key.name}`));
          return { kind, next: next?.customer ?? 'nobody' };
        },
      },
      { adapter },
    );
    for (const [name, customer] of Object.entries({ one: 'Ada', 'after one': 'Grace' })) {
      const order = Object.assign(new Order(), { customer });
      await shop.locker.schedule(shop.locker.key(Order, name), order, 'order.charge');
    }
    const chain = await (await fetch(`${shop.baseUrl}/locker/api/chain?key=Order/"one"`)).json();
    expect(chain).toMatchObject({ properties: { kind: 'Order', next: 'Grace' } });
    await shop.stop();
  });

  it('has a prefix before its path, no emulator, no history, and ends its streams when it stops', async () => {
    const shop = await startShop(
      { path: '/ops/chains', emulator: undefined as never, properties: undefined as never },
      {
        adapter,
        options: { historyLength: 0 },
        configure: (app) => app.setGlobalPrefix('backend'),
      },
    );
    const base = `${shop.baseUrl}/backend/ops/chains`;
    expect(await (await fetch(base)).text()).toContain('src="chains/main.js"');
    expect((await fetch(`${base}/main.js`)).status).toBe(200);
    expect((await fetch(`${base}/api/emulator`)).status).toBe(404);
    const key = shop.locker.key(Order, 'one');
    shop.get(Circumstances).troubles.set('one', declined);
    await shop.locker.schedule(key, new Order(), 'order.charge');
    await eventually(async () => (await shop.locker.inspect(key)).lock.state === 'failed');
    const chain = await (await fetch(`${base}/api/chain?key=Order/"one"`)).json();
    expect(chain).toMatchObject({ state: 'failed', history: [] });
    expect(chain).not.toHaveProperty('properties');
    const events = await fetch(`${base}/api/events`);
    const ended = events.text();
    await shop.stop();
    expect(await ended).toContain('retry: 2000');
  });
});
