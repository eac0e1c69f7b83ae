import { LeaseAbortedError, LeaseLostError } from 'nestjs-datastore-locker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { Gate } from '../support/gate.js';
import { Job } from '../support/jobs.js';

const second = 1_000;
const minute = 60 * second;

describe.each(adapters)('a lease on %s', (adapter) => {
  let application: Application;
  /** Another instance, which is alive when the first one hangs. */
  let other: Application;
  /** Instances that do not renew. */
  let silent: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
    other = await Application.ofJobs({ adapter, beside: application });
    silent = await Application.ofJobs({
      adapter,
      beside: application,
      options: { renew: false },
    });
  });
  afterEach(async () => {
    application.emulator.faults.clear();
    await application.reset();
    other.alerts.length = 0;
    silent.alerts.length = 0;
  });
  afterAll(async () => {
    await silent.stop();
    await other.stop();
    await application.stop();
  });

  /** Lets time pass, and what it sets off come to its end. */
  const live = async (ms: number, slice = 10 * second) => {
    const { clock } = application;
    // It passes by itself besides, during the trips.
    for (const end = clock.now() + ms; clock.now() < end;) {
      await clock.advance(Math.min(slice, end - clock.now()));
      for (let trip = 0; trip < 8; trip++) await application.locker.get(application.job());
    }
  };

  it('is renewed for as long as its handler works', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(async (_, lease) => {
      await gate.pass();
      await lease.next('two');
    });
    const delivery = { key, run, step: 1, task: 'one' };
    const holder = application.deliver(delivery);
    await gate.reached;
    const wire = application.listen();
    for (let round = 0; round < 4; round++) {
      await live(minute);
      expect(await other.deliver({ ...delivery, retryCount: round })).toMatchObject({
        status: 409,
        body: { outcome: 'busy' },
      });
    }
    wire.close();
    const renewals = wire.methods.filter((method) => method === 'commit').length;
    expect(renewals).toBeGreaterThanOrEqual(7);
    expect(renewals).toBeLessThanOrEqual(9);
    gate.open();
    expect(await holder).toMatchObject({ body: { outcome: 'advanced' } });
    expect(application.script.summary(key)).toEqual(['one 1/1']);
    expect(other.script.of(key)).toEqual([]);
    expect(application.alerts).toEqual([]);
  });

  it('is renewed by save(), which stores what has been changed so far', async () => {
    const gates = [new Gate(), new Gate()];
    const { key, run } = await application.startHeld(async (job, lease) => {
      job.count = 1;
      await lease.save();
      await gates[0]?.pass();
      job.trail.push('a');
      await lease.save();
      await gates[1]?.pass();
      throw new Error('after all');
    });
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gates[0]?.reached;
    const first = await application.locker.get(key);
    expect(first).toMatchObject({ count: 1, trail: [], lock: { state: 'held', run } });
    application.own.stall();
    await application.clock.advance(50 * second);
    gates[0]?.open();
    await gates[1]?.reached;
    const later = await application.locker.get(key);
    expect(later).toMatchObject({ count: 1, trail: ['a'] });
    expect(later?.lock.timestamp).toBeGreaterThan((first?.lock.timestamp ?? 0) + 49 * second);
    await application.clock.advance(50 * second);
    const busy = await other.deliver({ key, run, step: 1, task: 'one' });
    expect(busy).toMatchObject({ body: { outcome: 'busy' } });
    application.own.resume();
    gates[1]?.open();
    await holder;
    // What was saved stays, though the attempt failed.
    expect(await application.locker.get(key)).toMatchObject({
      count: 1,
      trail: ['a'],
      lock: { state: 'ready', tries: 1 },
    });
    expect(application.logged('warn').filter((line) => line.includes('replaced'))).toEqual([]);
  });

  it('is proved and prolonged by renew()', async () => {
    const gates = [new Gate(), new Gate()];
    const errors: unknown[] = [];
    const { key, run } = await application.startHeld(async (job, lease) => {
      job.count = 5;
      await lease.renew();
      await gates[0]?.pass();
      await lease.renew().catch((error: unknown) => errors.push(error, lease.signal.reason));
      await lease.save().catch((error: unknown) => errors.push(error));
    });
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gates[0]?.reached;
    expect(await application.locker.get(key)).toMatchObject({ count: 0, lock: { state: 'held' } });
    application.own.stall();
    await application.clock.advance(65 * second);
    await other.deliver({ key, run, step: 1, task: 'one' });
    gates[0]?.open();
    expect(await holder).toMatchObject({ status: 409, body: { outcome: 'lost' } });
    expect(errors).toMatchObject([
      { code: 'LEASE_LOST' },
      { code: 'LEASE_ABORTED', reason: 'lost' },
      { code: 'LEASE_LOST' },
    ]);
    expect(errors[0]).toBeInstanceOf(LeaseLostError);
    expect(await application.lock(key)).toMatchObject({ state: 'completed' });
  });

  it.each([
    {
      reason: 'lost',
      after: 31 * second,
      cause: async (key: ReturnType<Application['job']>) => {
        await application.locker.schedule(key, new Job(), 'two', { onActive: 'replace' });
      },
      status: 409,
      state: { task: { name: 'two' }, tries: 0 },
    },
    {
      reason: 'expiring',
      after: 55 * second,
      cause: () => {
        application.emulator.faults.add({ fault: 'fail-before', method: 'commit' });
      },
      status: 500,
      state: { task: { name: 'one' }, tries: 1 },
    },
    {
      reason: 'deadline',
      after: 291 * second,
      cause: () => undefined,
      status: 500,
      state: {
        task: { name: 'one' },
        tries: 1,
        error: expect.stringContaining('cut off') as unknown,
      },
    },
  ])('fires its signal: $reason', async ({ reason, after, cause, status, state }) => {
    const gate = new Gate();
    const fired: { reason: unknown; at: number }[] = [];
    const { key, run } = await application.startHeld(async (_, lease) => {
      lease.signal.addEventListener('abort', () =>
        fired.push({ reason: lease.signal.reason, at: application.clock.now() }),
      );
      await gate.pass();
    });
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    await cause(key);
    await live(after - 3 * second);
    expect(fired).toEqual([]);
    await live(6 * second, second);
    expect(fired).toMatchObject([{ reason: { reason } }]);
    expect(fired[0]?.reason).toBeInstanceOf(LeaseAbortedError);
    application.emulator.faults.clear();
    application.emulator.faults.hold();
    gate.open();
    // A plain return after the signal is no success: the attempt may have been cut short.
    expect((await holder).status).toBe(status);
    expect(await application.lock(key)).toMatchObject({ state: 'ready', step: 1, ...state });
  });

  it('whose acquire took longer than half of it is renewed before its handler starts', async () => {
    const { emulator, clock } = application;
    const seen: string[] = [];
    const { key, run } = await application.startHeld(() => {
      seen.push(...wire.methods);
    });
    emulator.faults.add({ fault: 'delay-answer', method: 'commit', ms: 31 * second, times: 1 });
    const delivery = application.deliver({ key, run, step: 1, task: 'one' });
    await acquired(application, key);
    const wire = application.listen();
    await clock.advance(31 * second);
    expect(await delivery).toMatchObject({ body: { outcome: 'completed' } });
    wire.close();
    // The late commit, and the renewal.
    expect(seen).toEqual(['commit', 'lookup', 'commit']);
  });

  it('whose acquire took nearly all of it gives its handler a signal that has not fired', async () => {
    const { emulator, clock } = application;
    const fired: boolean[] = [];
    const { key, run } = await application.startHeld((_, { signal }) => {
      fired.push(signal.aborted);
    });
    emulator.faults.add({ fault: 'delay-answer', method: 'commit', ms: 58 * second, times: 1 });
    const delivery = application.deliver({ key, run, step: 1, task: 'one' });
    await acquired(application, key);
    await clock.advance(58 * second);
    expect(await delivery).toMatchObject({ body: { outcome: 'completed' } });
    expect(fired).toEqual([false]);
  });

  it('that was taken before its handler could start runs nothing', async () => {
    const { emulator, clock } = application;
    const { key, run } = await application.startHeld();
    emulator.faults.add({ fault: 'delay-answer', method: 'commit', ms: 66 * second, times: 1 });
    const late = application.deliver({ key, run, step: 1, task: 'one' });
    await acquired(application, key);
    application.own.stall();
    await clock.advance(65.5 * second);
    expect(await other.deliver({ key, run, step: 1, task: 'one' })).toMatchObject({
      body: { outcome: 'completed' },
    });
    await clock.advance(second);
    application.own.resume();
    expect(await late).toMatchObject({ status: 409, body: { outcome: 'lost' } });
    expect(application.script.of(key)).toEqual([]);
    expect(other.script.summary(key)).toEqual(['one 1/2']);
  });

  it('that is taken over is told of, though Datastore did not say that it was', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass());
    const delivery = { key, run, step: 1, task: 'one' };
    const holder = application.deliver(delivery);
    await gate.reached;
    application.own.stall();
    await application.clock.advance(66 * second);
    application.emulator.faults.add({ fault: 'fail-after', method: 'commit', times: 1 });
    expect(await other.deliver(delivery)).toMatchObject({ body: { outcome: 'completed' } });
    expect(other.script.summary(key)).toEqual(['one 1/2']);
    expect(other.alerts).toMatchObject([{ type: 'taken-over', step: 1, run, attempts: 1 }]);
    application.own.resume();
    gate.open();
    expect(await holder).toMatchObject({ body: { outcome: 'lost' } });
  });

  it.each([
    { holder: 'renews', lease: 65 * second, who: () => application },
    { holder: 'does not renew', lease: 630 * second, who: () => silent },
  ])(
    'of a holder that $holder is taken $lease ms after it went silent, not before',
    async ({ lease, who }) => {
      const gate = new Gate();
      const { key, run } = await application.startHeld();
      who().script.set(key, () => gate.pass());
      const delivery = { key, run, step: 1, task: 'one' };
      const holder = who().deliver(delivery);
      await gate.reached;
      who().own.stall();
      await application.clock.advance(lease - 3 * second);
      expect(await other.deliver(delivery)).toMatchObject({
        status: 409,
        body: { outcome: 'busy' },
      });
      await application.clock.advance(3 * second);
      expect(await other.deliver(delivery)).toMatchObject({ body: { outcome: 'completed' } });
      expect(other.script.summary(key)).toEqual(['one 1/2']);
      expect(other.alerts).toMatchObject([{ type: 'taken-over', step: 1, run, attempts: 1 }]);
      who().own.resume();
      gate.open();
      expect(await holder).toMatchObject({ status: 409, body: { outcome: 'lost' } });
      who().script.set(key, () => undefined);
    },
  );

  it('of a step that must not be repeated fails its run when it is lost', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass(), 'fragile');
    const delivery = { key, run, step: 1, task: 'fragile' };
    const holder = application.deliver(delivery);
    await gate.reached;
    application.own.stall();
    await application.clock.advance(65 * second);
    expect(await other.deliver(delivery)).toMatchObject({
      status: 200,
      body: { outcome: 'failed' },
    });
    expect(other.script.of(key)).toEqual([]);
    expect(other.alerts).toMatchObject([{ type: 'failed', step: 1, run }]);
    expect(await application.lock(key)).toMatchObject({ state: 'failed', due: undefined });
    gate.open();
    expect(await holder).toMatchObject({ status: 409 });
    expect(await application.lock(key)).toMatchObject({ state: 'failed' });
  });

  it('leaves no timer behind, however it ends', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass());
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    expect(application.own.pending).toBe(3);
    await application.locker.schedule(key, new Job(), 'two', { onActive: 'replace' });
    gate.open();
    expect(await holder).toMatchObject({ body: { outcome: 'lost' } });
    expect(application.own.pending).toBe(0);
  });
});

/** Waits until a delivery has acquired its step, by a commit whose answer is late. */
async function acquired(application: Application, key: ReturnType<Application['job']>) {
  while ((await application.lock(key)).state !== 'held');
  // The fault makes the answer wait for a timer, which is set when Datastore has given it: soon.
  for (let trip = 0; trip < 5; trip++) await application.lock(key);
}
