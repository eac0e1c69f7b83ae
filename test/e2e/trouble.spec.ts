import { afterEach, describe, expect, it } from 'vitest';
import { adapters, Application, location, projectId } from '../support/application.js';
import { Gate } from '../support/gate.js';
import { waitsInVain } from '../support/google-datastore.js';
import { Job } from '../support/jobs.js';

const second = 1_000;

describe.each(adapters)('under trouble, on %s,', (adapter) => {
  let application: Application;
  afterEach(() => application.stop());

  it('50 chains commit every step once and in order, with a fifth of all deliveries doubled, late or overtaken', async () => {
    application = await Application.ofJobs({ adapter, emulator: { seed: 42 } });
    const { emulator, locker, script } = application;
    const twice = { fault: 'deliver-twice', probability: 0.2 } as const;
    emulator.faults.add({ ...twice, afterMs: 0 });
    emulator.faults.add({ ...twice, afterMs: 40 * second });
    emulator.faults.add({ fault: 'delay', probability: 0.2, ms: 30 * second });
    emulator.faults.add({ fault: 'reorder', probability: 0.2, withinMs: 20 * second });
    emulator.faults.add({ fault: 'drop-response', probability: 0.05 });
    const wire = application.listen();
    const keys = Array.from({ length: 50 }, () =>
      application.job(async (job, lease) => {
        job.trail.push(`${lease.step}`);
        if (lease.step < 5) await lease.next(lease.step % 2 ? 'two' : 'one');
      }),
    );
    await Promise.all(keys.map((key) => locker.schedule(key, new Job(), 'one')));
    await emulator.drain({ limit: 20_000 });

    for (const key of keys) {
      const job = await locker.get(key);
      expect(job).toMatchObject({ trail: ['1', '2', '3', '4', '5'], lock: { state: 'completed' } });
      const settled = job?.lock.history.filter(({ outcome }) => outcome !== 'lost');
      expect(settled?.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
        '1 advanced',
        '2 advanced',
        '3 advanced',
        '4 advanced',
        '5 completed',
      ]);
      expect(script.of(key)).toHaveLength(5);
    }
    // The trouble was real: far more deliveries than steps, none answered by an error.
    expect(wire.answers.length).toBeGreaterThan(320);
    expect(wire.answers.filter((status) => status !== undefined && status >= 500)).toEqual([]);
  });

  it('a chain survives a minute without its downstream, however hastily its queue retries', async () => {
    const queues = [{ name: 'default', retryConfig: { minBackoff: {}, maxBackoff: {} } }];
    application = await Application.ofJobs({ adapter, emulator: { queues } });
    const { emulator, locker, clock, script } = application;
    const upAgain = clock.now() + 60 * second;
    const key = application.job(() => {
      if (clock.now() < upAgain) throw new Error('503 from downstream');
    });
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();

    expect(await application.lock(key)).toMatchObject({ state: 'completed' });
    const times = script.of(key).map(({ at }) => at);
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(pauses).toHaveLength(3);
    for (const [index, pause] of pauses.entries())
      expect(pause).toBeGreaterThanOrEqual(10 * second * 2 ** index);
    expect(script.summary(key)).toEqual(['one 1/1', 'one 1/2', 'one 1/3', 'one 1/4']);
  });

  it('of two hundred deliveries of a task at once, one runs and none gets an error', async () => {
    application = await Application.ofJobs({ adapter });
    const { script } = application;
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass());
    let answered = 0;
    const deliveries = Array.from({ length: 200 }, async () => {
      const { status, body } = await application.deliver({ key, run, step: 1, task: 'one' });
      // The handler is at work until everybody else has their answer.
      if (++answered === 199) gate.open();
      return `${status} ${(body as { outcome: string }).outcome}`;
    });
    const answers = await Promise.all(deliveries);
    expect(answers.filter((answer) => answer === '200 completed')).toHaveLength(1);
    const turnedAway = waitsInVain() ? /^409 (busy|CONTENTION)$/ : /^409 busy$/;
    expect(answers.filter((answer) => !turnedAway.test(answer))).toHaveLength(1);
    expect(script.of(key)).toHaveLength(1);
    // And when it is over.
    const late = await Promise.all(
      Array.from({ length: 50 }, () => application.deliver({ key, run, step: 1, task: 'one' })),
    );
    expect(new Set(late.map(({ status }) => status))).toEqual(new Set([200]));
    expect(script.of(key)).toHaveLength(1);
  });

  it('a queue that is paused and resumed loses nothing and repeats nothing', async () => {
    application = await Application.ofJobs({ adapter });
    const { emulator, locker, clock, script } = application;
    const name = `projects/${projectId}/locations/${location}/queues/default`;
    const key = application.job((_, lease) => lease.step < 3 && lease.next());
    await emulator.tasks.createQueue({ parent: name.replace(/\/queues.*/, ''), queue: { name } });
    await emulator.tasks.pauseQueue({ name });
    await locker.schedule(key, new Job(), 'one');
    await clock.advance(3_600 * second);
    expect(script.of(key)).toEqual([]);
    await emulator.tasks.resumeQueue({ name });
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1', 'one 2/1', 'one 3/1']);
  });
});
