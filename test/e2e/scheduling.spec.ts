import {
  RunActiveError,
  TaskRefusedError,
  type Scheduled,
  type StartOptions,
} from 'nestjs-datastore-locker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { Gate } from '../support/gate.js';
import { Job } from '../support/jobs.js';

const day = 86_400_000;

describe.each(adapters)('scheduling on %s', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({
      adapter,
      options: { defaultQueue: 'first', namespaces: ['', 'tenant'] },
    });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  it('begins in the default queue, and goes on in the queue that a task came from', async () => {
    const { emulator, locker } = application;
    const queues: string[] = [];
    const child = application.job((_, lease) => {
      queues.push(`child ${lease.queue}`);
    });
    const key = application.job(async (_, lease) => {
      queues.push(`${lease.step} ${lease.queue}`);
      if (lease.step === 1) await lease.next('two', { queue: 'second' });
      if (lease.step === 2) {
        await locker.schedule(child, new Job(), 'one');
        await lease.next('one');
      }
    });
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    expect(queues.toSorted()).toEqual(['1 first', '2 second', '3 second', 'child second']);
  });

  it('starts no second child when the step that started it runs again', async () => {
    const { emulator, locker } = application;
    const children = [application.job(), application.job()];
    const started: Scheduled[] = [];
    const key = application.job(async (_, lease) => {
      for (const child of children)
        started.push(await locker.schedule(child, new Job(), 'one', { body: { n: 1 } }));
      if (lease.attempt < 3) throw new Error('after the children');
    });
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    for (const child of children) expect(application.script.of(child)).toHaveLength(1);
    expect(started.map(({ started: isNew }) => isNew)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    const runs = started.map(({ run }) => run);
    expect(new Set(runs).size).toBe(2);
  });

  it('starts another child from another step, or from the next run', async () => {
    const { emulator, locker } = application;
    const child = application.job();
    const key = application.job(async (_, lease) => {
      const onActive = 'replace';
      await locker.schedule(child, new Job(), 'one', { onActive });
      if (lease.step < 2) await lease.next('one', { delay: '1m' });
    });
    for (const rounds of [1, 2]) {
      await locker.schedule(key, new Job(), 'one');
      await emulator.drain();
      expect(application.script.of(child)).toHaveLength(rounds * 2);
    }
  });

  it('of a run under way is rejected, joins it or replaces it', async () => {
    const { key, run } = await application.startHeld();
    const again = (onActive: NonNullable<StartOptions['onActive']>) =>
      application.locker.schedule(key, new Job(), 'two', { onActive });
    const before = await application.proto(key);
    const rejection: unknown = await again('reject').catch((error: unknown) => error);
    expect(rejection).toBeInstanceOf(RunActiveError);
    expect(rejection).toMatchObject({ run, step: 1, code: 'RUN_ACTIVE', status: 409 });
    expect(await again('join')).toEqual({ run, started: false, dispatched: true });
    expect(await application.proto(key)).toEqual(before);
    const replaced = await again('replace');
    expect(replaced).toMatchObject({ started: true, dispatched: true });
    expect(replaced.run).not.toBe(run);
    expect(await application.deliver({ key, run, step: 1, task: 'one' })).toMatchObject({
      status: 200,
      body: { outcome: 'stale', reason: 'it belongs to another run' },
    });
  });

  it('takes the lease from the handler of a run that is replaced', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(async (job, lease) => {
      await gate.pass();
      job.count = 13;
      await lease.next('two');
    });
    const delivery = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    const fresh = new Job();
    fresh.count = 1;
    await application.locker.schedule(key, fresh, 'fragile', { onActive: 'replace' });
    gate.open();
    expect(await delivery).toMatchObject({ status: 409, body: { outcome: 'lost' } });
    expect(await application.locker.get(key)).toMatchObject({
      count: 1,
      lock: { step: 1, state: 'ready', task: { name: 'fragile' } },
    });
  });

  it('finds the run of a start id, under way or ended, until a later run begins', async () => {
    const { emulator, locker } = application;
    const key = application.job();
    const start = (startId: string) => locker.schedule(key, new Job(), 'one', { startId });
    emulator.faults.hold();
    const first = await start('order-5');
    expect(first).toMatchObject({ started: true });
    expect(await start('order-5')).toEqual({ run: first.run, started: false, dispatched: true });
    await expect(start('order-6')).rejects.toThrow(RunActiveError);
    emulator.faults.release();
    await emulator.drain();
    expect(await start('order-5')).toEqual({ run: first.run, started: false, dispatched: true });
    expect(application.script.of(key)).toHaveLength(1);
    const second = await start('order-6');
    expect(second).toMatchObject({ started: true });
    expect(second.run).not.toBe(first.run);
    await emulator.drain();
    expect(await start('order-5')).toMatchObject({ started: true });
    await emulator.drain();
    expect(application.script.of(key)).toHaveLength(3);
  });

  it('creates the task anew for a start id whose task was never created', async () => {
    const { emulator, locker } = application;
    const key = application.job();
    emulator.faults.add({ fault: 'fail-before', method: 'createTask', times: 4 });
    const start = () => locker.schedule(key, new Job(), 'one', { startId: 'once' });
    expect(await start()).toMatchObject({ started: true, dispatched: false });
    expect(await application.tasks('first')).toEqual([]);
    expect(await start()).toMatchObject({ started: false, dispatched: true });
    await emulator.drain();
    expect(application.script.of(key)).toHaveLength(1);
  });

  it('gives an incomplete key its id before anything is stored', async () => {
    const { emulator, locker, script } = application;
    const key = locker.key(Job);
    expect(key.id).toBeUndefined();
    await locker.schedule(key, new Job(), 'one');
    expect(key.id).toMatch(/^\d+$/);
    await emulator.drain();
    expect(script.calls.at(-1)?.key).toBe(`:Job/${key.id}`);
    expect((await locker.get(key))?.lock.state).toBe('completed');
  });

  it('takes no incomplete key from a handler, whose repeat would start another child', async () => {
    const { emulator, locker } = application;
    const refusals: unknown[] = [];
    const key = application.job(async () => {
      await locker
        .schedule(locker.key(Job), new Job(), 'one')
        .catch((error: unknown) => refusals.push(error));
    });
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    expect(refusals).toMatchObject([{ code: 'WRONG_ENTITY' }]);
  });

  it('keeps namespaces, ancestors and large ids', async () => {
    const { emulator, locker } = application;
    const parent = locker.key(Job, 'shop/ü', { namespace: 'tenant' });
    const key = locker.key(Job, 9_007_199_254_740_993n, { parent });
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    expect(key.namespace).toBe('tenant');
    expect(application.script.calls.at(-1)?.key).toBe('tenant:Job/shop/ü/Job/9007199254740993');
    expect((await locker.get(key))?.lock.state).toBe('completed');
    expect(await locker.get(locker.key(Job, 9_007_199_254_740_993n))).toBeUndefined();
  });

  it('refuses a namespace that no task would be taken from', async () => {
    const { locker } = application;
    const key = locker.key(Job, 1, { namespace: 'elsewhere' });
    await expect(locker.schedule(key, new Job(), 'one')).rejects.toMatchObject({
      code: 'WRONG_ENTITY',
      message: expect.stringContaining('option namespaces') as unknown,
    });
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  it.each<[string, string, StartOptions, string]>([
    ['a task that nobody handles', 'nobody', {}, "no @LockedTask('nobody', …) is declared"],
    ['a body and a form', 'one', { body: {}, form: {} }, 'it has both body and form'],
    ['a body that is too long', 'one', { body: 'x'.repeat(32_767) }, '32769 bytes; at most 32 KiB'],
    ['a circular body', 'one', { body: circular }, 'its body is no JSON'],
    ['a function as body', 'one', { body: () => 1 }, 'its body is a function'],
    ['a bigint in its body', 'one', { body: { n: 1n } }, 'its body is no JSON'],
    ['a delay and a time', 'one', { delay: 1, at: new Date() }, 'it has both delay and at'],
    ['a delay over 30 days', 'one', { delay: '30d1ms' }, 'at most 30 days ahead'],
    ['a time over 30 days off', 'one', { at: new Date(Date.now() + 32 * day) }, 'at most 30 days'],
    ['a delay that is none', 'one', { delay: 'soon' }, 'its time soon is none'],
    ['a negative delay', 'one', { delay: -1 }, 'its time -1 is none'],
    ['a time that is none', 'one', { at: new Date(NaN) }, 'its time Invalid Date is none'],
    ['a queue with its path', 'one', { queue: 'projects/p/x' }, 'is no queue'],
  ])('refuses %s, and stores nothing', async (_, task, options, message) => {
    const key = application.job();
    const error: unknown = await application.locker
      .schedule(key, new Job(), task, options)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TaskRefusedError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain(`"${task}"`);
    expect(await application.locker.get(key)).toBeUndefined();
    expect(await application.tasks('first')).toEqual([]);
  });

  it('refuses a task of other entities', async () => {
    const key = application.datastore.key(['Other', 1]);
    await expect(application.locker.schedule(key, new Job(), 'one')).rejects.toMatchObject({
      code: 'TASK_REFUSED',
      message: expect.stringContaining('takes entities of kind Job') as unknown,
    });
  });

  it('waits to the millisecond that it was told', async () => {
    const { clock, emulator, locker, script } = application;
    const at = new Date(clock.now() + 30 * day - 60_000);
    const key = application.job();
    await locker.schedule(key, new Job(), 'one', { at });
    const lock = await application.lock(key);
    expect(lock.task?.at).toBe(at.getTime());
    expect(lock.due).toBe(at.getTime() + 60_000);
    await emulator.drain();
    expect(script.of(key)[0]?.at).toBeGreaterThanOrEqual(at.getTime());
  });

  it('carries 32 KiB, and form parameters', async () => {
    const { emulator, locker } = application;
    const bodies: unknown[] = [];
    const key = application.job((_, lease, body) => {
      bodies.push(body);
      return lease.step < 2 && lease.next('one', { form: { a: '1', b: 'x y' } });
    });
    const text = 'ü'.repeat(16_378);
    await locker.schedule(key, new Job(), 'one', { body: { text } });
    await emulator.drain();
    expect(bodies).toEqual([{ text }, { a: '1', b: 'x y' }]);
  });
});
