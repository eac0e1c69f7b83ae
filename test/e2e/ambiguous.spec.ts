import { OutcomeUnknownError, PermanentTaskError, RetryTaskError } from 'nestjs-datastore-locker';
import type { CallFault } from 'nestjs-datastore-locker/emulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CommitRequest, ValueProto } from '../../lib/google/datastore-api.js';
import { adapters, Application, projectId } from '../support/application.js';
import { notOn } from '../support/google-datastore.js';
import { Job, type Part } from '../support/jobs.js';

type Fault = CallFault['fault'] & ('fail-before' | 'fail-after');

/** Errors after which nobody knows whether a commit was applied. */
const codes = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'INTERNAL', 'UNKNOWN', 'CANCELLED'] as const;
const text = (stringValue: string) => ({ stringValue, excludeFromIndexes: true });
const faults: Fault[] = ['fail-before', 'fail-after'];
const rivals = notOn('firestore', 'the other writer waits for the transaction that waits for it');

describe.each(adapters)('when Datastore does not say whether it committed, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  /** The commits after the next `pass` ones are struck, `times` of them. */
  const strikeCommit = (
    fault: Fault,
    pass: number,
    code: (typeof codes)[number] = 'UNAVAILABLE',
    times = 1,
  ) => {
    const rule = { fault, code, service: 'datastore', method: 'commit', times } as const;
    if (pass === 0) return void application.emulator.faults.add(rule);
    let seen = 0;
    const untap = application.emulator.tap((event) => {
      if (event.type !== 'call' || event.method !== 'commit' || ++seen < pass) return;
      untap();
      application.emulator.faults.add(rule);
    });
  };

  const both = faults.flatMap((fault) => codes.map((code) => ({ fault, code })));

  it.each(both)('an acquire starts its handler once ($fault, $code)', async ({ fault, code }) => {
    const { key, run } = await application.startHeld((job) => {
      job.count += 1;
    });
    strikeCommit(fault, 0, code);
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'completed' } });
    expect(application.script.summary(key)).toEqual(['one 1/1']);
    expect(await application.locker.get(key)).toMatchObject({ count: 1 });
  });

  const settles: { how: string; part: Part; outcome: string | number; lock: object }[] = [
    {
      how: 'advanced',
      part: (_, lease) => lease.next('two'),
      outcome: 'advanced',
      lock: { step: 2, state: 'ready', tries: 0 },
    },
    { how: 'completed', part: () => 1, outcome: 'completed', lock: { state: 'completed' } },
    {
      how: 'failed',
      part: () => {
        throw new PermanentTaskError('no');
      },
      outcome: 'failed',
      lock: { state: 'failed', due: undefined, tries: 1 },
    },
    {
      how: 'postponed',
      part: () => {
        throw new RetryTaskError('later', { delay: '1m' });
      },
      outcome: 'postponed',
      lock: { state: 'ready', step: 1, tries: 0, postponed: 1, number: 1 },
    },
    {
      how: 'released',
      part: () => {
        throw new Error('no');
      },
      outcome: 500,
      lock: { state: 'ready', step: 1, tries: 1, number: 1 },
    },
  ];

  it.each(settles.flatMap((settle) => faults.map((fault) => ({ ...settle, fault }))))(
    'a step is $how once, and its lease is not taken for lost ($fault)',
    async ({ part, outcome, lock, fault }) => {
      const { key, run } = await application.startHeld(part);
      await application.emulator.tasks.purgeQueue({
        name: 'projects/test-project/locations/europe-west1/queues/default',
      });
      strikeCommit(fault, 1);
      const { status, body } = await application.deliver({ key, run, step: 1, task: 'one' });
      const answer = status === 200 ? (body as { outcome: string }).outcome : status;
      expect(answer).toBe(outcome);
      const stored = await application.lock(key);
      expect(stored).toMatchObject(lock);
      expect(stored.history).toHaveLength(1);
      expect(await application.tasks()).toHaveLength(stored.state === 'ready' ? 1 : 0);
      expect(application.alerts).toHaveLength(stored.state === 'failed' ? 1 : 0);
      expect(application.script.of(key)).toHaveLength(1);
    },
  );

  it.each(faults)('a run is started once (%s)', async (fault) => {
    const { emulator, locker } = application;
    const key = application.job();
    strikeCommit(fault, 0);
    const scheduled = await locker.schedule(key, new Job(), 'one');
    expect(scheduled).toMatchObject({ started: true, dispatched: true });
    expect((await application.lock(key)).run).toBe(scheduled.run);
    await emulator.drain();
    expect(application.script.summary(key)).toEqual(['one 1/1']);
  });

  it('a save is made once, and the lease stands', async () => {
    const { key, run } = await application.startHeld(async (job, lease) => {
      job.count += 1;
      strikeCommit('fail-after', 0);
      await lease.save();
      job.trail.push('x');
      await lease.next();
    });
    expect(await application.deliver({ key, run, step: 1, task: 'one' })).toMatchObject({
      body: { outcome: 'advanced' },
    });
    expect(await application.locker.get(key)).toMatchObject({ count: 1, trail: ['x'] });
  });

  it.each(codes)('an update that may have been applied says so (%s)', async (code) => {
    const { key } = await application.startHeld();
    const { locker } = application;
    const increment = () =>
      locker.update(key, (job) => {
        job.count += 1;
      });
    strikeCommit('fail-after', 0, code);
    await expect(increment()).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(await locker.get(key)).toMatchObject({ count: 1 });
    await increment();
    expect(await locker.get(key)).toMatchObject({ count: 2 });
  });

  it('an update runs again when another writer came first, on a fresh copy', rivals, async () => {
    const { key } = await application.startHeld();
    const { locker } = application;
    let calls = 0;
    await locker.update(key, async (job) => {
      if (++calls === 1)
        await locker.update(key, (rival) => {
          rival.count = 10;
        });
      job.count += 1;
    });
    expect(calls).toBe(2);
    expect(await locker.get(key)).toMatchObject({ count: 11 });
  });

  /** As soon as a commit has been struck, somebody else writes the entity, with these lock properties. */
  const interfere = (changes: Record<string, ValueProto>) => {
    const { emulator } = application;
    strikeCommit('fail-after', 0);
    const untap = emulator.tap((event) => {
      if (event.type !== 'call' || event.method !== 'commit') return;
      untap();
      const { mutations } = event.request as CommitRequest;
      const written = mutations[0]?.upsert;
      const properties = { ...written?.properties, ...changes };
      void emulator.datastore.commit({
        projectId,
        mode: 'NON_TRANSACTIONAL',
        mutations: [{ upsert: { ...written, properties } }],
      });
    });
  };
  const other = 'c'.repeat(32);

  it('a settle is unknown, not lost, when another run has begun meanwhile', async () => {
    const errors: unknown[] = [];
    const { key, run } = await application.startHeld(async (_, lease) => {
      interfere({ lock_run: text(other), lock_task: text('{"v":1}') });
      await lease.complete().catch((error: unknown) => {
        errors.push(error);
        throw error;
      });
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(errors).toMatchObject([{ code: 'OUTCOME_UNKNOWN', status: 503 }]);
    expect(answer).toMatchObject({ status: 409, body: { outcome: 'unknown' } });
    expect((await application.lock(key)).run).toBe(other);
  });

  it('a settle is unknown, not lost, when the next step has been settled meanwhile', async () => {
    const { key, run } = await application.startHeld((_, lease) => {
      interfere({
        lock_seq: { integerValue: '3', excludeFromIndexes: true },
        lock_task: text('{"v":1,"name":"one","queue":"default","settled":"another lease"}'),
      });
      return lease.next();
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(answer).toMatchObject({ status: 409, body: { outcome: 'unknown' } });
    expect(await application.lock(key)).toMatchObject({ step: 3, run });
  });

  it('a start is unknown, and starts nothing again, when another run has come and gone meanwhile', async () => {
    const key = application.job();
    interfere({
      lock_run: text(other),
      lock_seq: { integerValue: '-1', excludeFromIndexes: true },
    });
    await expect(application.locker.schedule(key, new Job(), 'one')).rejects.toBeInstanceOf(
      OutcomeUnknownError,
    );
    expect(await application.lock(key)).toMatchObject({ run: other, state: 'completed' });
    expect(await application.tasks()).toEqual([]);
  });

  it('a start finds its own run though that has completed meanwhile', async () => {
    const key = application.job();
    interfere({ lock_seq: { integerValue: '-1', excludeFromIndexes: true } });
    const scheduled = await application.locker.schedule(key, new Job(), 'one');
    expect(scheduled).toMatchObject({ started: true, dispatched: true });
    expect(await application.lock(key)).toMatchObject({ run: scheduled.run, state: 'completed' });
  });

  it('an acquire that finds itself taken over starts nothing', async () => {
    const { key, run } = await application.startHeld();
    interfere({ lock_req: text('e'.repeat(32)) });
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(answer).toMatchObject({ status: 409, body: { outcome: 'busy' } });
    expect(application.script.of(key)).toEqual([]);
  });

  it('what is refused for good is not tried again, and is the failure of the handler', async () => {
    const { key, run } = await application.startHeld((_, lease) => {
      application.emulator.faults.add({
        fault: 'fail-before',
        method: 'commit',
        code: 'INVALID_ARGUMENT',
        times: 1,
      });
      return lease.next();
    });
    expect(await application.deliver({ key, run, step: 1, task: 'one' })).toMatchObject({
      status: 500,
    });
    expect(await application.lock(key)).toMatchObject({ state: 'ready', step: 1, tries: 1 });
  });
});

describe.each(adapters)('when Cloud Tasks fails, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  const strikeCreate = (
    fault: Fault,
    times: number,
    code: 'UNAVAILABLE' | 'PERMISSION_DENIED' | 'NOT_FOUND' | 'INTERNAL' = 'UNAVAILABLE',
  ) => application.emulator.faults.add({ fault, code, method: 'createTask', times });

  it.each(faults)('a task is created all the same (%s, once)', async (fault) => {
    const { emulator, locker } = application;
    const key = application.job((_, lease) => {
      if (lease.step > 1) return undefined;
      strikeCreate(fault, 1);
      return lease.next('two', { delay: '1m' });
    });
    strikeCreate(fault, 1);
    expect(await locker.schedule(key, new Job(), 'one')).toMatchObject({ dispatched: true });
    await emulator.drain();
    // Unnamed, the first task may exist twice. No step runs twice for that.
    expect(application.script.summary(key)).toEqual(['one 1/1', 'two 2/1']);
    expect(application.alerts).toEqual([]);
  });

  it('inside a chain the queue delivers the settled task again, and that dispatches the next', async () => {
    const { emulator, locker } = application;
    const key = application.job((_, lease) => {
      if (lease.step > 1) return undefined;
      strikeCreate('fail-before', 4);
      return lease.next('two');
    });
    const wire = application.listen();
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    wire.close();
    expect(application.script.summary(key)).toEqual(['one 1/1', 'two 2/1']);
    expect(wire.answers).toEqual([409, 200, 200]);
    expect(await application.lock(key)).toMatchObject({ state: 'completed' });
  });

  it('what a failed attempt is owed is dispatched by its redelivery', async () => {
    const { emulator, locker } = application;
    const key = application.job((_, lease) => {
      if (lease.attempt > 1) return undefined;
      strikeCreate('fail-before', 4);
      throw new Error('broken');
    });
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    expect(application.script.summary(key)).toEqual(['one 1/1', 'one 1/2']);
    const [first, second] = application.script.of(key);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  it('a start says so and does not throw', async () => {
    const key = application.job();
    strikeCreate('fail-before', 4);
    expect(await application.locker.schedule(key, new Job(), 'one')).toMatchObject({
      started: true,
      dispatched: false,
    });
    const { state, due } = await application.lock(key);
    expect(state).toBe('ready');
    expect(due).toBeDefined();
    expect(application.logged('warn')).toContainEqual(
      expect.stringContaining('its task could not be created'),
    );
    expect(application.alerts).toEqual([]);
  });

  it.each(['PERMISSION_DENIED', 'NOT_FOUND'] as const)(
    '%s is a configuration error: somebody is told at once',
    async (code) => {
      const key = application.job((_, lease) => lease.next('two'));
      strikeCreate('fail-before', 1, code);
      const wire = application.listen();
      const { run, dispatched } = await application.locker.schedule(key, new Job(), 'one');
      wire.close();
      expect(dispatched).toBe(false);
      expect(wire.count()['createTask']).toBe(1);
      expect(application.alerts).toMatchObject([{ type: 'misconfigured', run, step: 1 }]);
      expect(application.alerts[0]?.message).toContain('queues/default');

      application.emulator.faults.hold();
      strikeCreate('fail-before', 1, code);
      const answer = await application.deliver({ key, run, step: 1, task: 'one' });
      expect(answer).toMatchObject({ status: 409, body: { outcome: 'advanced' } });
      expect(application.alerts).toMatchObject([{ step: 1 }, { type: 'misconfigured', step: 2 }]);
    },
  );

  it('an alert that cannot be sent stays owed, and is sent with the next delivery', async () => {
    const { key, run } = await application.startHeld(() => {
      throw new PermanentTaskError('no');
    });
    const { alerts } = application;
    // The mail server is down.
    alerts.push = () => {
      throw new Error('no mail');
    };
    const first = await application.deliver({ key, run, step: 1, task: 'one' });
    Reflect.deleteProperty(alerts, 'push');
    expect(first).toMatchObject({ status: 200, body: { outcome: 'failed' } });
    const owing = await application.lock(key);
    expect(owing.state).toBe('failed');
    expect(owing.due).toBeDefined();
    expect(application.logged('error')).toContainEqual(
      expect.stringContaining('alert could not be sent'),
    );
    const again = await application.deliver({ key, run, step: 1, task: 'one', retryCount: 1 });
    expect(again).toMatchObject({ status: 200, body: { outcome: 'stale' } });
    expect(alerts).toMatchObject([{ type: 'failed', run }]);
    expect((await application.lock(key)).due).toBeUndefined();
  });
});
