import type { ArrivalTag, NextOptions } from 'nestjs-datastore-locker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { Job, type Part } from '../support/jobs.js';

const minute = 60_000;

/** Step one waits for some, step two notes how it began. */
const parent =
  (options: NextOptions): Part =>
  (job, lease) => {
    if (lease.step === 1) return lease.next('two', options);
    job.trail.push(lease.timedOut ? 'timed out' : 'complete');
    return undefined;
  };

const waitFor = (count: number) => parent({ waitFor: count, within: '1h' });

describe.each(adapters)('a step that waits for arrivals, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  type JobKey = ReturnType<Application['job']>;
  const arrive = (key: JobKey, tag?: ArrivalTag) =>
    application.locker.transact((tx) => Promise.resolve(tx.arrive(key, tag)));

  const deliver = (key: JobKey, run: string, step = 1, task = 'one') =>
    application.deliver({ key, run, step, task });

  /** All that is dispatched, to its end. */
  async function finish(key: JobKey) {
    application.emulator.faults.release();
    await application.emulator.drain();
    const job = await application.locker.get(key);
    return { trail: job?.trail, state: job?.lock.state };
  }

  const complete = { trail: ['complete'], state: 'completed' };
  const waiting = { trail: [], state: 'waiting' };

  it.each([
    ['one too few', 2, waiting],
    ['all', 3, complete],
    ['one too many', 4, complete],
  ])('is dispatched by the last of three that come late: %s', async (_, count, end) => {
    const { key, run } = await application.startHeld(waitFor(3));
    const answer = await deliver(key, run);
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'advanced' } });
    expect(await application.lock(key)).toMatchObject({ state: 'waiting', step: 2, arrivals: 3 });
    for (let index = 0; index < count; index++) await arrive(key);
    expect(await finish(key)).toEqual(end);
  });

  it.each([
    ['two of three', 2, waiting],
    ['all', 3, complete],
    ['one too many', 4, complete],
  ])('counts those that came before it waited: %s', async (_, count, end) => {
    const { key, run } = await application.startHeld(waitFor(3));
    for (let index = 0; index < count; index++) await arrive(key);
    expect(await application.lock(key)).toMatchObject({ state: 'ready', step: 1 });
    await deliver(key, run);
    expect(await finish(key)).toEqual(end);
  });

  it('counts arrivals that race with each other, each once', async () => {
    const { key, run } = await application.startHeld(waitFor(8));
    await Promise.all([deliver(key, run), ...Array.from({ length: 7 }, () => arrive(key))]);
    expect(await application.lock(key)).toMatchObject({ state: 'waiting', arrivals: 1 });
    await arrive(key);
    expect(await finish(key)).toEqual(complete);
    expect(application.script.summary(key)).toEqual(['one 1/1', 'two 2/1']);
  });

  it('does not wait for nobody', async () => {
    const { key, run } = await application.startHeld(waitFor(0));
    await deliver(key, run);
    expect(await application.lock(key)).toMatchObject({ state: 'ready', step: 2, arrivals: 0 });
    expect(await finish(key)).toEqual(complete);
  });

  it('is not begun by a task that comes meanwhile', async () => {
    const { key, run } = await application.startHeld(waitFor(1));
    await deliver(key, run);
    expect(await deliver(key, run, 2, 'two')).toMatchObject({
      status: 200,
      body: { outcome: 'stale', reason: 'the step waits for arrivals' },
    });
    expect(application.script.summary(key)).toEqual(['one 1/1']);
  });

  it.each<[string, (run: string) => ArrivalTag, object]>([
    ['its run and step', (run) => ({ run, step: 1 }), complete],
    ['its run', (run) => ({ run }), complete],
    ['another run', () => ({ run: 'b'.repeat(32) }), waiting],
    ['another step', (run) => ({ run, step: 2 }), waiting],
  ])('takes an arrival by its tag: %s', async (_, tag, end) => {
    const { key, run } = await application.startHeld(waitFor(1));
    await deliver(key, run);
    await arrive(key, tag(run));
    expect(await finish(key)).toEqual(end);
  });

  it('that has timed out is not reached by those that come after all', async () => {
    const { key, run } = await application.startHeld((job, lease) => {
      if (lease.step < 3) return lease.next('two', { waitFor: 1, within: '10m' });
      job.trail.push('three');
      return undefined;
    });
    await deliver(key, run);
    await application.clock.advance(11 * minute);
    await application.locker.recover();
    const second = await application.deliver({ key, run, step: 2, number: 1, task: 'two' });
    expect(second).toMatchObject({ status: 200 });
    expect(await application.lock(key)).toMatchObject({ state: 'waiting', step: 3, arrivals: 1 });
    // The child of step one is late; it is not taken for one of step two's.
    await arrive(key, { run, step: 1 });
    expect(await application.lock(key)).toMatchObject({ state: 'waiting', step: 3, arrivals: 1 });
    await arrive(key, { run, step: 2 });
    expect(await finish(key)).toEqual({ trail: ['three'], state: 'completed' });
  });

  it('takes those that come past its deadline as long as nobody has looked', async () => {
    const { key, run } = await application.startHeld(waitFor(1));
    await deliver(key, run);
    await application.clock.advance(61 * minute);
    await arrive(key);
    expect(await finish(key)).toEqual(complete);
  });

  it('of a run that is over, or of none, keeps no child from its end', async () => {
    const { key, run } = await application.startHeld();
    await deliver(key, run);
    const before = await application.proto(key);
    const missing = application.job();
    const child = application.job(() =>
      application.locker.transact((tx) => {
        tx.arrive(key);
        tx.arrive(missing);
        tx.complete();
        return Promise.resolve();
      }),
    );
    await application.locker.schedule(child, new Job(), 'one');
    application.emulator.faults.release();
    await application.emulator.drain();
    expect((await application.lock(child)).state).toBe('completed');
    expect(await application.proto(key)).toEqual(before);
    expect(await application.locker.get(missing)).toBeUndefined();
  });

  it('counts a child once, however often its task is delivered', async () => {
    const { key, run } = await application.startHeld(waitFor(2));
    await deliver(key, run);
    const child = await application.startHeld(() =>
      application.locker.transact((tx) => {
        tx.arrive(key);
        tx.complete();
        return Promise.resolve();
      }),
    );
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => deliver(child.key, child.run)),
    );
    const late = await deliver(child.key, child.run);
    expect(late).toMatchObject({ body: { outcome: 'stale' } });
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    expect(await application.lock(key)).toMatchObject({ state: 'waiting', arrivals: 1 });
  });

  it('finds the children of an attempt that failed when it is tried again', async () => {
    const { locker, emulator } = application;
    const children = Array.from({ length: 3 }, () => application.job());
    const key = application.job(async (job, lease) => {
      if (lease.step === 2) return void job.trail.push(lease.timedOut ? 'timed out' : 'complete');
      for (const child of children) await locker.schedule(child, new Job(), 'one');
      if (lease.attempt === 1) throw new Error('broken');
      await lease.next('two', { waitFor: children.length, within: '1h' });
    });
    for (const child of children)
      application.script.set(child, () =>
        locker.transact((tx) => {
          tx.arrive(key);
          tx.complete();
          return Promise.resolve();
        }),
      );
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    expect(application.script.summary(key)).toEqual(['one 1/1', 'one 1/2', 'two 2/1']);
    for (const child of children) expect(application.script.summary(child)).toEqual(['one 1/1']);
    expect(await locker.get(key)).toMatchObject({ trail: ['complete'] });
  });

  it.each<[string, NextOptions]>([
    ['a negative number', { waitFor: -1, within: '1h' }],
    ['half a child', { waitFor: 1.5, within: '1h' }],
    ['no end', { waitFor: 1 }],
    ['an end that is none', { waitFor: 1, within: 'soon' }],
  ])('is refused with %s', async (_, options) => {
    const { key, run } = await application.startHeld(parent(options));
    expect(await deliver(key, run)).toMatchObject({ status: 500 });
    expect(await application.lock(key)).toMatchObject({
      state: 'ready',
      step: 1,
      error: expect.stringMatching(/waitFor expects a whole number/) as unknown,
    });
  });
});
