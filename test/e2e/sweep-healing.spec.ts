import type { Key } from '@google-cloud/datastore';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SweepReport } from 'nestjs-datastore-locker';
import { keyToProto } from '../../lib/datastore/keys.js';
import type { EntityProto } from '../../lib/google/datastore-api.js';
import { adapters, Application, location, projectId } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { waitsInVain } from '../support/google-datastore.js';
import { Job } from '../support/jobs.js';

const minute = 60_000;
const queue = `projects/${projectId}/locations/${location}/queues/default`;
const nothing = { seen: 0, dispatched: 0, taken: 0, alerted: 0, skipped: 0, failed: 0 };

/** What one sweep does; each is asked for by hand. */
describe.each(adapters)('a sweep, on %s,', (adapter) => {
  let application: Application;
  let alertsFail = false;
  beforeAll(async () => {
    application = await Application.ofJobs({
      adapter,
      options: {
        alerter: {
          send: (alert) => {
            if (alertsFail) return Promise.reject(new Error('no mail today'));
            application.alerts.push(alert);
            return Promise.resolve();
          },
        },
      },
    });
  });
  afterEach(async () => {
    application.emulator.faults.hold();
    await application.emulator.tasks.idle();
    application.emulator.reset();
    await application.reset();
    alertsFail = false;
  });
  afterAll(() => application.stop());

  const sweep = async (): Promise<SweepReport | undefined> =>
    (await application.locker.recover())[0];
  const purge = () => application.emulator.tasks.purgeQueue({ name: queue });

  /** A job that is due, whose task the queue has lost. */
  async function startLost() {
    const started = await application.startHeld();
    await purge();
    return started;
  }

  it('finds nothing to do where nothing is owed', async () => {
    await application.locker.schedule(application.job(), new Job(), 'one');
    await application.emulator.drain();
    await application.clock.advance(60 * minute);
    expect(await sweep()).toEqual({ ...nothing, latestMs: 0, owing: false });
  });

  it('leaves alone what is not due yet, and says that it is owed', async () => {
    await startLost();
    await application.clock.advance(minute / 2);
    expect(await sweep()).toEqual({ ...nothing, latestMs: 0, owing: true });
    expect(await application.tasks()).toEqual([]);
  });

  it('dispatches a ready step whose task is lost, under the next number', async () => {
    const { key } = await startLost();
    await application.clock.advance(3 * minute);
    const report = await sweep();
    expect(report).toMatchObject({ ...nothing, seen: 1, dispatched: 1, owing: true });
    expect(report?.latestMs).toBeGreaterThanOrEqual(2 * minute);
    expect(report?.latestMs).toBeLessThan(3 * minute);
    expect(await application.lock(key)).toMatchObject({ state: 'ready', number: 1, tries: 0 });
    application.emulator.faults.release();
    await application.emulator.drain();
    expect(application.script.summary(key)).toEqual(['one 1/1']);
    expect(await sweep()).toEqual({ ...nothing, latestMs: 0, owing: false });
  });

  it('has a silent holder taken over', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld((_, lease) =>
      lease.attempt === 1 ? gate.pass() : undefined,
    );
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    await purge();
    application.own.stall();
    await application.clock.advance(minute);
    expect(await sweep()).toMatchObject(nothing);
    await application.clock.advance(6_000);
    expect(await sweep()).toMatchObject({ ...nothing, seen: 1, dispatched: 1, taken: 1 });
    application.emulator.faults.release();
    await application.emulator.drain();
    expect(application.script.summary(key)).toEqual(['one 1/1', 'one 1/2']);
    expect(application.alerts).toMatchObject([{ type: 'taken-over' }]);
    gate.open();
    application.own.resume();
    expect(await holder).toMatchObject({ body: { outcome: 'lost' } });
  });

  it('has a silent holder taken over though its queue still waits for an answer', async () => {
    const gate = new Gate();
    const key = application.job((_, lease) => (lease.attempt === 1 ? gate.pass() : undefined));
    await application.locker.schedule(key, new Job(), 'one', { delay: '1m' });
    await application.clock.advance(minute);
    await gate.reached;
    application.own.stall();
    await application.clock.advance(minute + 6_000);
    expect(await sweep()).toMatchObject({ ...nothing, seen: 1, dispatched: 1, taken: 1 });
    await eventually(() => application.script.of(key).length === 2);
    expect(application.script.summary(key)).toEqual(['one 1/1', 'one 1/2']);
    gate.open();
    application.own.resume();
    await application.emulator.drain();
  });

  it('dispatches what has waited for arrivals past its deadline', async () => {
    const { key, run } = await application.startHeld((job, lease) => {
      if (lease.step === 1) return lease.next('two', { waitFor: 3, within: '10m' });
      job.note = lease.timedOut ? 'timed out' : 'complete';
      return undefined;
    });
    await application.deliver({ key, run, step: 1, task: 'one' });
    await purge();
    await application.clock.advance(9 * minute);
    expect(await sweep()).toEqual({ ...nothing, latestMs: 0, owing: true });
    await application.clock.advance(2 * minute);
    expect(await sweep()).toMatchObject({ ...nothing, seen: 1, dispatched: 1 });
    application.emulator.faults.release();
    await application.emulator.drain();
    expect(await application.locker.get(key)).toMatchObject({
      note: 'timed out',
      lock: { state: 'completed' },
    });
  });

  it('sends the alert that a failed run still owes, once', async () => {
    alertsFail = true;
    const { key, run } = await application.startHeld(() => {
      throw new Error('broken');
    }, 'brief');
    for (const number of [0, 1, 2])
      await application.deliver({ key, run, step: 1, number, task: 'brief' });
    const failed = await application.lock(key);
    expect(failed.state).toBe('failed');
    expect(failed.due).toBeDefined();
    await purge();
    await application.clock.advance(2 * minute);
    expect(await sweep()).toMatchObject({ ...nothing, seen: 1, failed: 1, owing: true });
    alertsFail = false;
    expect(await sweep()).toMatchObject({ ...nothing, seen: 1, alerted: 1, owing: false });
    expect(await sweep()).toEqual({ ...nothing, latestMs: 0, owing: false });
    expect(application.alerts).toMatchObject([{ type: 'failed', attempts: 3, run }]);
    expect(await application.lock(key)).toMatchObject({ state: 'failed', due: undefined });
    expect((await application.proto(key))?.properties).not.toHaveProperty('lock_due');
  });

  it('leaves a task that is still in its queue there, and looks the rarer the longer', async () => {
    const key = application.job();
    await application.emulator.tasks.createQueue({
      parent: queue.replace(/\/queues.*/, ''),
      queue: { name: queue },
    });
    await application.emulator.tasks.pauseQueue({ name: queue });
    await application.locker.schedule(key, new Job(), 'one');
    const wire = application.listen();
    let looks = 0;
    for (let passed = 0; passed < 24 * 60; passed += 40) {
      await application.clock.advance(40 * minute);
      const report = await sweep();
      looks += report?.seen ?? 0;
      // The first task has no name to be asked for, so it gets a second beside it.
      expect((await application.tasks()).length).toBeLessThanOrEqual(2);
    }
    wire.close();
    expect(wire.count()).toMatchObject({ createTask: 1, getTask: looks });
    expect(looks).toBeGreaterThan(15);
    expect(looks).toBeLessThan(30);
    expect(application.alerts).toEqual([]);
    await application.emulator.tasks.resumeQueue({ name: queue });
    await application.emulator.drain();
    expect(application.script.summary(key)).toEqual(['one 1/1']);
  });

  it('tells somebody, once, when a step was dispatched five times and never arrived', async () => {
    const key = application.job();
    application.emulator.faults.add({ fault: 'lose' });
    await application.locker.schedule(key, new Job(), 'one');
    for (let hour = 0; hour < 12; hour++) {
      await application.clock.advance(70 * minute);
      await application.emulator.tasks.idle();
      await sweep();
      const types = application.alerts.map(({ type }) => type);
      expect(types).toEqual(hour < 4 ? [] : ['stuck']);
    }
    expect(application.alerts).toMatchObject([{ run: (await application.lock(key)).run, step: 1 }]);
    application.emulator.faults.clear();
    await application.clock.advance(70 * minute);
    await sweep();
    await application.emulator.drain();
    expect(application.script.summary(key)).toEqual(['one 1/1']);
    expect(await application.lock(key)).toMatchObject({ state: 'completed', missed: 0 });
  });

  it('leaves data that was restored from another project alone, for ever', async () => {
    const { key } = await startLost();
    await rewriteTask(key, (task) => ({ ...task, project: 'production' }));
    const before = await application.proto(key);
    await application.clock.advance(24 * 60 * minute);
    const wire = application.listen();
    expect(await sweep()).toMatchObject({ ...nothing, seen: 1, skipped: 1, owing: false });
    wire.close();
    expect(Object.keys(wire.count())).toEqual(['runQuery']);
    expect(await application.proto(key)).toEqual(before);
    // What is its own is dealt with all the same.
    const own = await startLost();
    expect(await sweep()).toMatchObject({ seen: 1, owing: true });
    await application.clock.advance(2 * minute);
    expect(await sweep()).toMatchObject({ seen: 2, skipped: 1, dispatched: 1, owing: true });
    expect(await application.lock(own.key)).toMatchObject({ number: 1 });
  });

  /** Changes what is stored of a lock's task. */
  async function rewriteTask(key: Key, change: (task: object) => object): Promise<void> {
    const entity: EntityProto = (await application.proto(key)) ?? {};
    const task = entity.properties?.['lock_task'];
    const changed = change(JSON.parse(task?.stringValue ?? '{}') as object);
    await application.emulator.datastore.commit({
      projectId,
      mode: 'NON_TRANSACTIONAL',
      mutations: [
        {
          upsert: {
            key: keyToProto(key),
            properties: {
              ...entity.properties,
              lock_task: { ...task, stringValue: JSON.stringify(changed) },
            },
          },
        },
      ],
    });
  }

  it('does no harm when several come at once', async () => {
    const target = { baseUrl: application.baseUrl };
    const other = await Application.ofJobs({ adapter, beside: application, options: { target } });
    const { locker, clock, emulator, script } = application;
    emulator.faults.hold();
    const keys = Array.from({ length: 12 }, () =>
      application.job((_, lease) => lease.step < 2 && lease.next()),
    );
    await Promise.all(keys.map((key) => locker.schedule(key, new Job(), 'one')));
    await purge();
    await clock.advance(2 * minute);
    const reports = (
      await Promise.all([application, other, application, other].map((app) => app.locker.recover()))
    ).flat();
    const dispatched = reports.reduce((sum, report) => sum + report.dispatched, 0);
    expect(dispatched).toBe(12);
    expect(waitsInVain() || reports.every(({ failed }) => failed === 0)).toBe(true);
    expect(await application.tasks()).toHaveLength(12);
    emulator.faults.release();
    await emulator.drain();
    for (const key of keys) expect(script.summary(key)).toEqual(['one 1/1', 'one 2/1']);
    await other.stop();
  });

  it('reads what is due, and no more, however much is stored', async () => {
    const { locker, clock, emulator } = application;
    const key = application.job();
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    const completed = await application.proto(key);
    const copies = Array.from({ length: 400 }, () => ({
      upsert: { ...completed, key: keyToProto(application.job()) },
    }));
    await emulator.datastore.commit({ projectId, mode: 'NON_TRANSACTIONAL', mutations: copies });
    emulator.faults.hold();
    for (let index = 0; index < 3; index++) await startLost();
    await clock.advance(2 * minute);
    const wire = application.listen();
    expect(await sweep()).toMatchObject({ seen: 3, dispatched: 3 });
    wire.close();
    const queries = wire.calls.filter(({ method }) => method === 'runQuery');
    expect(queries).toHaveLength(9);
    const read = queries.flatMap(
      ({ response }) =>
        (response as { batch: { entityResults: unknown[] } } | undefined)?.batch.entityResults ??
        [],
    );
    // The three that are due, and one that is owed.
    expect(read).toHaveLength(4);
    expect(wire.count()).toEqual({ runQuery: 9, getTask: 3, lookup: 3, commit: 3, createTask: 3 });
  });
});
