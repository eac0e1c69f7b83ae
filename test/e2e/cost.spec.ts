import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Lock } from 'nestjs-datastore-locker';
import { adapters, Application } from '../support/application.js';
import { notOn } from '../support/google-datastore.js';
import { Gate } from '../support/gate.js';
import { Job } from '../support/jobs.js';

describe.each(adapters)('what a delivery costs on %s:', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  it('a short step makes five calls, two of them writes', async () => {
    const { key, run } = await application.startHeld((_, lease) => lease.next('two'));
    const wire = application.listen();
    await application.deliver({ key, run, step: 1, task: 'one' });
    wire.close();
    expect(wire.methods).toEqual(['lookup', 'commit', 'lookup', 'commit', 'createTask']);
    expect(wire.calls.at(-1)?.request).toHaveProperty('task.name', '');
  });

  it('the last step makes four', async () => {
    const { key, run } = await application.startHeld();
    const wire = application.listen();
    await application.deliver({ key, run, step: 1, task: 'one' });
    wire.close();
    expect(wire.methods).toEqual(['lookup', 'commit', 'lookup', 'commit']);
  });

  it('a start makes three', async () => {
    application.emulator.faults.hold();
    const wire = application.listen();
    await application.locker.schedule(application.job(), new Job(), 'one');
    wire.close();
    expect(wire.methods).toEqual(['lookup', 'commit', 'createTask']);
  });

  it('a repeat that is busy or stale makes one, and begins no transaction', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass());
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    const wire = application.listen();
    const repeat = { key, run, step: 1, task: 'one', retryCount: 3 };
    expect(await application.deliver(repeat)).toMatchObject({ body: { outcome: 'busy' } });
    gate.open();
    await holder;
    const soFar = wire.calls.length;
    expect(await application.deliver(repeat)).toMatchObject({ body: { outcome: 'stale' } });
    wire.close();
    const calls = [wire.calls[0], ...wire.calls.slice(soFar)];
    expect(calls.map((call) => call?.method)).toEqual(['lookup', 'lookup']);
    for (const call of calls)
      expect(call?.request).not.toHaveProperty('readOptions.newTransaction');
  });

  it('a repeat that may run looks once before it acquires', async () => {
    const { key, run } = await application.startHeld();
    const wire = application.listen();
    await application.deliver({ key, run, step: 1, task: 'one', retryCount: 1 });
    wire.close();
    expect(wire.methods).toEqual(['lookup', 'lookup', 'commit', 'lookup', 'commit']);
  });

  it('a first delivery that is busy or stale rolls its transaction back before it is answered', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass());
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    const wire = application.listen();
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(wire.methods).toEqual(['lookup', 'rollback']);
    gate.open();
    await holder;
    const soFar = wire.methods.length;
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(wire.methods.slice(soFar)).toEqual(['lookup', 'rollback']);
    wire.close();
  });

  it('a named task is created only where a name is needed', async () => {
    const { key, run } = await application.startHeld((_, lease) =>
      lease.next('two', { delay: '1m' }),
    );
    const wire = application.listen();
    await application.deliver({ key, run, step: 1, task: 'one' });
    wire.close();
    expect(wire.calls.at(-1)).toMatchObject({ method: 'createTask' });
    const name: unknown = expect.stringMatching(/[0-9a-f]{64}$/);
    expect(wire.calls.at(-1)?.request).toMatchObject({ task: { name } });
  });
});

describe('with the sweep, a short step', () => {
  it('makes five calls too, but the first of a minute arms it', async () => {
    const application = await Application.ofJobs({ options: { sweep: { every: '1m' } } });
    const { clock } = application;
    await clock.advance(60_000 - (clock.now() % 60_000));
    const { key, run } = await application.startHeld((_, lease) => lease.next());
    const wire = application.listen();
    await application.deliver({ key, run, step: 1, task: 'one' });
    // The queries are those of the start.
    expect(wire.count()).toMatchObject({ lookup: 2, commit: 2, createTask: 1 });
    await clock.advance(60_000);
    wire.events.length = 0;
    await application.deliver({ key, run, step: 2, task: 'one' });
    expect(wire.count()).toMatchObject({ lookup: 2, commit: 2, createTask: 2 });
    wire.close();
    await application.stop();
  });
});

describe.each(adapters)('where transactions wait for each other, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({
      adapter,
      emulator: { concurrency: 'pessimistic' },
    });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  it.each([
    ['busy', { step: 1 }],
    ['ahead', { step: 2 }],
    ['stale', { step: 1, run: 'b'.repeat(32) }],
  ])('a delivery that is %s does not delay the settle of the holder', async (outcome, wrong) => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(async (_, lease) => {
      await gate.pass();
      await lease.next();
    });
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    const answer = await application.deliver({ key, run, task: 'one', ...wrong });
    expect(answer).toMatchObject({ body: { outcome } });
    const wire = application.listen();
    gate.open();
    expect(await holder).toMatchObject({ body: { outcome: 'advanced' } });
    wire.close();
    const commit = wire.calls.find(({ method }) => method === 'commit');
    expect(commit?.error).toBeUndefined();
    expect(commit?.ms).toBeLessThan(500);
  });

  it('a step costs the same', async () => {
    const { key, run } = await application.startHeld((_, lease) => lease.next());
    const wire = application.listen();
    await application.deliver({ key, run, step: 1, task: 'one' });
    wire.close();
    expect(wire.count()).toEqual({ lookup: 2, commit: 2, createTask: 1 });
  });
});

describe('without begin-on-read, a step', () => {
  const every = notOn('firestore', 'every transaction of the suite begins explicitly');
  it('begins its two transactions explicitly', every, async () => {
    const application = await Application.ofJobs({ options: { beginOnRead: false } });
    const { key, run } = await application.startHeld((_, lease) => lease.next());
    const wire = application.listen();
    await application.deliver({ key, run, step: 1, task: 'one' });
    wire.close();
    const lock: Lock = await application.lock(key);
    await application.stop();
    expect(wire.count()).toEqual({ beginTransaction: 2, lookup: 2, commit: 2, createTask: 1 });
    expect(lock).toMatchObject({ step: 2, state: 'ready' });
  });
});
