import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ScheduleEntry } from 'nestjs-datastore-locker';
import { adapters, Application } from '../support/application.js';
import { Job } from '../support/jobs.js';

/** With 5,000 it takes its time: `CHILDREN=5000`. */
const children = Number(process.env['CHILDREN'] ?? 200);

describe.each(adapters)('many children of one handler, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  const entry = (name: string): ScheduleEntry => ({
    key: application.locker.key(Job, name),
    entity: new Job(),
    task: 'two',
  });

  it(`are started as they are read, a few at a time (${children})`, async () => {
    const { locker, emulator } = application;
    let [read, stored, most] = [0, 0, 0];
    const stop = emulator.tap((event) => {
      if (event.type === 'call' && event.method === 'commit') stored++;
    });
    function* entries() {
      for (; read < children; read++) {
        most = Math.max(most, read - stored);
        yield entry(`flat-${read}`);
      }
    }
    let heapGrowth = 0;
    const { key, run } = await application.startHeld(async (job) => {
      const before = process.memoryUsage().heapUsed;
      const started = await locker.scheduleAll(entries());
      heapGrowth = process.memoryUsage().heapUsed - before;
      job.count = started.filter((one) => one.started && one.dispatched).length;
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    stop();
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'completed' } });
    expect((await locker.get(key))?.count).toBe(children);
    // The commits of acquiring and starting the parent are among the stored.
    expect(most).toBeLessThanOrEqual(20);
    expect(heapGrowth).toBeLessThan(200 * 1_024 * 1_024);
    expect(await locker.get(locker.key(Job, `flat-${children - 1}`))).toMatchObject({
      lock: { state: 'ready', step: 1 },
    });
  }, 900_000);

  it('are started once, though the handler was killed half-way and runs again', async () => {
    const { locker, emulator, script } = application;
    const names = Array.from({ length: 30 }, (_, index) => `half-${index}`);
    const runs: string[][] = [];
    const key = application.job(async (_, lease) => {
      function* entries() {
        for (const [index, name] of names.entries()) {
          if (lease.attempt === 1 && index === 15) throw new Error('killed');
          yield entry(name);
        }
      }
      runs.push((await locker.scheduleAll(entries())).map(({ run }) => run));
    });
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1', 'one 1/2']);
    expect(new Set(runs.flat()).size).toBe(30);
    for (const name of names) expect(script.summary(locker.key(Job, name))).toEqual(['two 1/1']);
  });

  it('get their ids before they are stored', async () => {
    const { locker, emulator, script } = application;
    const entries = Array.from({ length: 5 }, () => ({
      key: locker.key(Job),
      entity: new Job(),
      task: 'two',
    }));
    await locker.scheduleAll(entries);
    await emulator.drain();
    expect(new Set(entries.map(({ key }) => key.id)).size).toBe(5);
    for (const { key } of entries) expect(script.summary(key)).toEqual(['two 1/1']);
  });

  it('are all tried, and what kept some of them is told together', async () => {
    const { locker } = application;
    application.emulator.faults.hold();
    const bad = { ...entry('bad'), task: 'nobody' };
    const all = [entry('good-1'), bad, entry('good-2'), { ...bad }, entry('good-3')];
    const failure: unknown = await locker.scheduleAll(all).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AggregateError);
    expect(failure).toMatchObject({ errors: [{ code: 'TASK_REFUSED' }, { code: 'TASK_REFUSED' }] });
    for (const name of ['good-1', 'good-2', 'good-3'])
      expect(await locker.get(locker.key(Job, name))).toBeDefined();
    expect(await locker.get(locker.key(Job, 'bad'))).toBeUndefined();
  });
});
