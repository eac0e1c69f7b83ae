import { Datastore } from '@google-cloud/datastore';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application, projectId } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { loopbackPort } from '../../lib/testing/loopback-port.js';
import { Gate } from '../support/gate.js';
import { hurry } from '../support/hurry.js';
import { Job } from '../support/jobs.js';

const minute = 60_000;

describe.each(adapters)('an outage, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  it('of Datastore runs no handler, and asks the queue to wait', async () => {
    const { emulator, clock, script } = application;
    const { key, run } = await application.startHeld((_, lease) => lease.step < 2 && lease.next());
    const up = emulator.faults.add({ fault: 'fail-before', service: 'datastore' });
    const delivery = application.deliver({ key, run, step: 1, task: 'one' });
    const answer = await hurry(clock, delivery);
    expect(answer).toMatchObject({ status: 503, body: { outcome: 'DATASTORE_UNAVAILABLE' } });
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(script.of(key)).toEqual([]);
    // And when it is back, everything goes on by itself.
    up();
    emulator.faults.release();
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1', 'one 2/1']);
    expect((await application.lock(key)).state).toBe('completed');
    expect(application.alerts).toEqual([]);
  });

  it('of Datastore during a step leaves that to be taken over, and stores nothing twice', async () => {
    const { emulator, clock, locker } = application;
    const gate = new Gate();
    const { key, run } = await application.startHeld(async (job, lease) => {
      job.trail.push(`attempt ${lease.attempt}`);
      if (lease.attempt === 1) await gate.pass();
    });
    const delivery = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    const up = emulator.faults.add({ fault: 'fail-before', service: 'datastore' });
    gate.open();
    const answer = await hurry(clock, delivery);
    expect(answer.status).not.toBe(200);
    up();
    emulator.faults.release();
    await emulator.drain();
    expect(await locker.get(key)).toMatchObject({
      trail: ['attempt 2'],
      lock: { state: 'completed', leaseId: '' },
    });
  });

  it('of Cloud Tasks inside a chain is answered so that the queue comes again', async () => {
    const { emulator, clock, script } = application;
    const { key, run } = await application.startHeld((_, lease) => lease.step < 3 && lease.next());
    const up = emulator.faults.add({ fault: 'fail-before', method: 'createTask' });
    const answer = await hurry(clock, application.deliver({ key, run, step: 1, task: 'one' }));
    expect(answer).toMatchObject({ status: 409, body: { outcome: 'advanced' } });
    expect(await application.lock(key)).toMatchObject({ state: 'ready', step: 2 });
    const again = await hurry(clock, application.deliver({ key, run, step: 1, task: 'one' }));
    expect(again).toMatchObject({ status: 409, body: { outcome: 'stale' } });
    up();
    emulator.faults.release();
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1', 'one 2/1', 'one 3/1']);
  });
});

describe('an outage of both', () => {
  let application: Application;
  afterEach(() => application.stop());

  it('is over when they are back, for chains at every stage', async () => {
    application = await Application.ofJobs({ options: { sweep: { queue: 'sweeps' } } });
    const { emulator, clock, locker, script } = application;
    const chain = () => application.job((_, lease) => lease.step < 3 && lease.next());
    const [delayed, retrying, waiting, child] = [chain(), chain(), chain(), chain()];
    script.set(retrying, (_, lease) => {
      if (lease.attempt < 3) throw new Error('broken');
      return lease.step < 3 && lease.next();
    });
    script.set(waiting, (_, lease) =>
      lease.step === 1 ? lease.next('two', { waitFor: 1, within: '1h' }) : undefined,
    );
    script.set(child, () =>
      locker.transact((tx) => {
        tx.arrive(waiting);
        tx.complete();
        return Promise.resolve();
      }),
    );
    await locker.schedule(delayed, new Job(), 'one', { delay: '3m' });
    await locker.schedule(retrying, new Job(), 'one');
    await locker.schedule(waiting, new Job(), 'one');
    await eventually(() => script.calls.length === 2);
    await emulator.tasks.idle();
    await locker.schedule(child, new Job(), 'one', { delay: '2m' });

    const up = [
      emulator.faults.add({ fault: 'fail-before', service: 'datastore' }),
      emulator.faults.add({ fault: 'fail-before', service: 'tasks', method: 'createTask' }),
    ];
    const begun = clock.now();
    while (clock.now() < begun + 4 * minute)
      await hurry(
        clock,
        emulator.tasks.idle().then(() => clock.advance(20_000)),
      );
    expect(script.calls).toHaveLength(2);
    for (const end of up) end();
    await hurry(clock, emulator.tasks.idle());
    await emulator.drain();
    for (const key of [delayed, retrying, waiting, child])
      expect(await application.lock(key)).toMatchObject({ state: 'completed', due: undefined });
    expect(script.summary(delayed)).toEqual(['one 1/1', 'one 2/1', 'one 3/1']);
    expect(application.alerts).toEqual([]);
  }, 30_000);
});

describe('a Datastore that nobody listens for', () => {
  it('is answered 503, and by an error that says so', async () => {
    const datastore = new Datastore({
      projectId,
      apiEndpoint: `127.0.0.1:${await loopbackPort()}`,
    });
    const application = await Application.ofJobs({ options: { datastore } });
    const { clock, locker } = application;
    const key = application.job();
    const [started, answer] = await Promise.allSettled([
      hurry(clock, locker.schedule(key, new Job(), 'one')),
      hurry(clock, application.deliver({ key, run: 'a'.repeat(32), step: 1, task: 'one' })),
    ]);
    const { calls } = application.script;
    await application.stop();
    expect(started).toMatchObject({
      reason: {
        code: 'DATASTORE_UNAVAILABLE',
        message: expect.stringMatching(/Try again/) as unknown,
      },
    });
    expect(answer).toMatchObject({ value: { status: 503 } });
    expect(calls).toEqual([]);
  });
});
