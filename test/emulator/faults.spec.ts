import {
  type Emulator,
  type Fault,
  startEmulator,
  VirtualClock,
} from 'nestjs-datastore-locker/emulator';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const QUEUE = 'projects/p/locations/l/queues/q';
const NAMED = `${QUEUE}/tasks/t`;
const HOUR = 3_600_000;

async function outcomes(seed: number): Promise<string> {
  const seeded = await startEmulator({ clock: new VirtualClock(), seed });
  seeded.faults.add({ fault: 'fail-before', method: 'listQueues', probability: 0.3 });
  const outcome = [];
  for (let i = 0; i < 200; i++) {
    outcome.push(
      await seeded.tasks
        .listQueues({ parent: 'projects/p/locations/l' })
        .then(() => '.')
        .catch(() => 'x'),
    );
  }
  await seeded.stop();
  return outcome.join('');
}

describe('faults', () => {
  const clock = new VirtualClock();
  let emulator: Emulator;
  let startedAt: number;
  let delivered: { task: string; retry: string | undefined; at: number }[];

  beforeAll(async () => {
    emulator = await startEmulator({
      clock,
      seed: 7,
      send: ({ task, headers }) => {
        const retry = headers['X-CloudTasks-TaskRetryCount'];
        delivered.push({ task: task.slice(QUEUE.length + 7), retry, at: clock.now() - startedAt });
        return Promise.resolve({ status: 200 });
      },
    });
  });

  afterAll(() => emulator.stop());

  beforeEach(() => {
    emulator.reset();
    startedAt = clock.now();
    delivered = [];
  });

  function create(id?: string) {
    const httpRequest = { url: 'http://target/' };
    const name = id === undefined ? {} : { name: `${QUEUE}/tasks/${id}` };
    return emulator.tasks.createTask({ parent: QUEUE, task: { httpRequest, ...name } });
  }

  async function deliveries(fault: Fault, ids = ['t']): Promise<string[]> {
    emulator.faults.add(fault);
    for (const id of ids) await create(id);
    await clock.advance(HOUR);
    return delivered.map(({ task, retry, at }) => `${task} ${retry} at ${at}`);
  }

  it('fail a call before it is applied', async () => {
    emulator.faults.add({ fault: 'fail-before', method: 'createTask', times: 1 });
    await expect(create('t')).rejects.toMatchObject({ code: 14 });
    await expect(emulator.tasks.getTask({ name: NAMED })).rejects.toMatchObject({ code: 5 });
    await create('t');
  });

  it('fail a call after it is applied', async () => {
    emulator.faults.add({
      fault: 'fail-after',
      method: 'createTask',
      code: 'DEADLINE_EXCEEDED',
      times: 1,
    });
    await expect(create('t')).rejects.toMatchObject({ code: 4 });
    await expect(emulator.tasks.getTask({ name: NAMED })).resolves.toMatchObject({ name: NAMED });
    await expect(create('t')).rejects.toMatchObject({ code: 6 });
  });

  it('delay a call, so that it is applied late', async () => {
    emulator.faults.add({ fault: 'delay-call', method: 'createTask', ms: 5000 });
    const created = create('t');
    await clock.advance(4999);
    await expect(emulator.tasks.getTask({ name: NAMED })).rejects.toMatchObject({ code: 5 });
    await clock.advance(1);
    await created;
  });

  it('delay an answer, so that a task arrives before the call that created it returns', async () => {
    emulator.faults.add({ fault: 'delay-answer', method: 'createTask', ms: 5000 });
    let returned = false;
    const created = create('t').then(() => (returned = true));
    await clock.advance(4000);
    expect(delivered).toHaveLength(1);
    expect(returned).toBe(false);
    await clock.advance(1000);
    await created;
  });

  it('strike one service and not the other, one method and not another', async () => {
    emulator.faults.add({ fault: 'fail-before', service: 'datastore' });
    emulator.faults.add({ fault: 'fail-before', service: 'tasks', method: 'getQueue' });
    await create('t');
    await expect(emulator.tasks.getQueue({ name: QUEUE })).rejects.toMatchObject({ code: 14 });
    await expect(
      emulator.datastore.allocateIds({ projectId: 'p', keys: [] }),
    ).rejects.toMatchObject({ code: 14 });
  });

  it('deliver a task twice, the second time as the first', async () => {
    const all = await deliveries({ fault: 'deliver-twice', afterMs: 3000 });
    expect(all).toEqual(['t 0 at 0', 't 0 at 3000']);
  });

  it('deliver a task twice also when nothing but a drain moves the clock', async () => {
    emulator.faults.add({ fault: 'deliver-twice', afterMs: 3000, times: 1 });
    await create('t');
    await emulator.drain();
    expect(delivered.map(({ at }) => at)).toEqual([0, 3000]);
  });

  it('add up: late, and twice', async () => {
    emulator.faults.add({ fault: 'deliver-twice', afterMs: 1000, times: 1 });
    const all = await deliveries({ fault: 'delay', ms: 5000, times: 1 });
    expect(all).toEqual(['t 0 at 5000', 't 0 at 6000']);
  });

  it('delay an attempt', async () => {
    expect(await deliveries({ fault: 'delay', ms: 90_000 })).toEqual(['t 0 at 90000']);
  });

  it('delay every attempt, retries as well', async () => {
    emulator.faults.add({ fault: 'drop-response', times: 2 });
    const all = await deliveries({ fault: 'delay', ms: 5000 });
    expect(all).toEqual(['t 0 at 5000', 't 1 at 10100', 't 2 at 15300']);
  });

  it('change the order of tasks', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    await deliveries({ fault: 'reorder', withinMs: 1000 }, ids);
    const order = delivered.map(({ task }) => task);
    expect(order).not.toEqual(ids);
    expect(order.toSorted()).toEqual(ids);
    emulator.reset();
    delivered = [];
    await deliveries({ fault: 'reorder', withinMs: 1000 }, ids);
    expect(delivered.map(({ task }) => task)).toEqual(order);
  });

  it('drop a request: the target sees only the next attempt', async () => {
    const all = await deliveries({ fault: 'drop-request', times: 1 });
    expect(all).toEqual(['t 1 at 100']);
  });

  it('drop a response: the target sees the task again', async () => {
    const all = await deliveries({ fault: 'drop-response', times: 1 });
    expect(all).toEqual(['t 0 at 0', 't 1 at 100']);
  });

  it('lose a task for good', async () => {
    expect(await deliveries({ fault: 'lose', task: '/tasks/t' }, ['t', 'u'])).toEqual(['u 0 at 0']);
    await expect(emulator.tasks.getTask({ name: NAMED })).rejects.toMatchObject({ code: 5 });
  });

  it('hold everything until it is released', async () => {
    emulator.faults.hold();
    await create('t');
    await clock.advance(HOUR);
    expect(delivered).toEqual([]);
    emulator.faults.release();
    await clock.advance(0);
    expect(delivered).toHaveLength(1);
  });

  it('strike as often as they are told, and can be taken back', async () => {
    const remove = emulator.faults.add({ fault: 'fail-before', method: 'getQueue' });
    emulator.faults.add({ fault: 'fail-before', method: 'createTask', times: 2 });
    await expect(create()).rejects.toMatchObject({ code: 14 });
    await expect(create()).rejects.toMatchObject({ code: 14 });
    await create();
    expect(emulator.faults.rules).toEqual([{ fault: 'fail-before', method: 'getQueue' }]);
    remove();
    await emulator.tasks.getQueue({ name: QUEUE });
    emulator.faults.add({ fault: 'lose' });
    emulator.faults.clear();
    expect(emulator.faults.rules).toEqual([]);
  });

  it('strike with their probability, the same for the same seed', async () => {
    const first = await outcomes(1);
    expect(await outcomes(1)).toBe(first);
    expect(await outcomes(2)).not.toBe(first);
    const struck = first.replaceAll('.', '').length;
    expect(struck).toBeGreaterThan(40);
    expect(struck).toBeLessThan(80);
  });
});

describe('the control port', () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator();
  });

  afterAll(() => emulator.stop());

  beforeEach(() => emulator.reset());

  async function ask(method: string, path: string, body?: object | string) {
    const response = await fetch(emulator.controlUrl + path, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  it('adds, lists and clears rules, holds and releases', async () => {
    const fault = { fault: 'fail-after', method: 'commit', times: 1 };
    expect(await ask('POST', '/faults', fault)).toEqual({
      status: 200,
      body: { held: false, faults: [fault] },
    });
    expect(emulator.faults.rules).toEqual([fault]);
    expect(await ask('POST', '/hold')).toMatchObject({ body: { held: true } });
    expect(await ask('POST', '/release')).toMatchObject({ body: { held: false } });
    expect(await ask('POST', '/reset')).toMatchObject({ body: { held: false, faults: [] } });
    emulator.faults.add({ fault: 'lose' });
    expect(await ask('DELETE', '/faults')).toMatchObject({ body: { faults: [] } });
    expect(await ask('GET', '/faults')).toMatchObject({ status: 200, body: { faults: [] } });
  });

  it.each([
    { body: 'no json', problem: 'Expected a JSON object.' },
    { body: {}, problem: 'fault: expected one of fail-before, fail-after' },
    { body: { fault: 'toString' }, problem: 'fault: expected one of' },
    { body: { fault: 'delay' }, problem: 'ms: required.' },
    { body: { fault: 'delay', ms: -1 }, problem: 'ms: expected a number, 0 or more.' },
    { body: { fault: 'lose', method: 'x' }, problem: 'method: no field of this fault.' },
    { body: { fault: 'lose', probability: 2 }, problem: 'probability: expected a number from 0' },
    { body: { fault: 'fail-after', code: 'OOPS' }, problem: 'code: expected one of CANCELLED' },
    { body: { fault: 'fail-after', service: 'x' }, problem: "service: expected 'datastore'" },
  ])('says what is wrong: $problem', async ({ body, problem }) => {
    const answer = await ask('POST', '/faults', body);
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.body).toMatchObject({ error: expect.stringContaining(problem) as string });
    expect(emulator.faults.rules).toEqual([]);
  });

  it('does nothing for a web page', async () => {
    const headers = { origin: 'https://evil.example' };
    const response = await fetch(`${emulator.controlUrl}/hold`, { method: 'POST', headers });
    expect(response.status).toBe(403);
    expect(emulator.faults.held()).toBe(false);
  });

  it('knows its paths and methods', async () => {
    expect(await ask('GET', '/nowhere')).toMatchObject({ status: 404 });
    expect(await ask('DELETE', '/hold')).toMatchObject({ status: 405 });
  });
});
