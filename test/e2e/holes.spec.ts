import { LeaseLostError, RunActiveError, type Lease } from 'nestjs-datastore-locker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { Gate } from '../support/gate.js';
import { notOn } from '../support/google-datastore.js';
import { Job } from '../support/jobs.js';

const minute = 60_000;
/** When the lease of a holder that renews may be taken: its duration and the clocks' skew. */
const silence = minute + 5_000;

/** Every interleaving by which the lock that this one succeeds lost, repeated or blocked a step. */
describe.each(adapters)('a chain on %s', (adapter) => {
  let application: Application;
  /** Another instance, which is alive when the first one hangs. */
  let other: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
    other = await Application.ofJobs({ adapter, beside: application });
  });
  afterEach(() => application.reset());
  afterAll(async () => {
    await other.stop();
    await application.stop();
  });

  it('does not run again when a late duplicate of the last task arrives', async () => {
    const { emulator, clock, script } = application;
    const key = application.job((_, lease) => lease.step < 3 && lease.next());
    const { run } = await application.locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1', 'one 2/1', 'one 3/1']);

    const before = await application.proto(key);
    for (const wait of [0, silence, 11 * minute]) {
      await clock.advance(wait);
      const answer = await application.deliver({ key, run, step: 3, task: 'one', retryCount: 0 });
      expect(answer).toMatchObject({ status: 200, body: { outcome: 'stale' } });
    }
    expect(script.of(key)).toHaveLength(3);
    expect(await application.proto(key)).toEqual(before);
  });

  it('lets one of several duplicates take a silent holder over', async () => {
    const { clock, script, own } = application;
    const gates = [new Gate(), new Gate()];
    const { key, run } = await application.startHeld(() => gates[0]?.pass());
    other.script.set(key, () => gates[1]?.pass());
    const delivery = { key, run, step: 1, task: 'one' };
    const holder = application.deliver(delivery);
    await gates[0]?.reached;
    own.stall();
    await clock.advance(silence);

    const rest = Array.from({ length: 8 }, () => other.deliver(delivery));
    await gates[1]?.reached;
    // Somebody is turned away before the one that took over is done.
    await Promise.race(rest);
    gates[1]?.open();
    const outcomes = (await Promise.all(rest)).map(({ body }) => outcomeOf(body));
    expect(script.summary(key)).toEqual(['one 1/1']);
    expect(other.script.summary(key)).toEqual(['one 1/2']);
    expect(outcomes.filter((outcome) => outcome === 'completed')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'busy').length).toBeGreaterThan(0);

    own.resume();
    gates[0]?.open();
    expect(await holder).toMatchObject({ status: 409, body: { outcome: 'lost' } });
  });

  const meanwhile = notOn(
    'firestore',
    'the holder cannot write what a duplicate has read and not let go',
  );
  it(
    'does not run the next step with the task of the last, when its holder advances meanwhile',
    meanwhile,
    async () => {
      const { clock, emulator, own } = application;
      const gate = new Gate();
      const { key, run } = await application.startHeld(async (_, lease) => {
        await gate.pass();
        await lease.next('two');
      });
      other.script.set(key, () => undefined);
      const holder = application.deliver({ key, run, step: 1, task: 'one' });
      await gate.reached;
      own.stall();
      await clock.advance(silence);
      // The duplicate reads a lease that it may take; the holder advances before it can.
      const delayed = emulator.faults.add({
        fault: 'delay-call',
        method: 'commit',
        ms: 300,
        times: 1,
      });
      const duplicate = other.deliver({ key, run, step: 1, task: 'one' });
      await eventually(() => !emulator.faults.rules.some(({ fault }) => fault === 'delay-call'));
      gate.open();
      expect(await holder).toMatchObject({ body: { outcome: 'advanced' } });
      expect(await duplicate).toMatchObject({ body: { outcome: 'stale' } });
      delayed();
      expect(other.script.of(key)).toEqual([]);
      expect(await application.lock(key)).toMatchObject({ step: 2, state: 'ready', tries: 0 });
    },
  );

  it('ignores what a holder writes that has been taken over', async () => {
    const { clock, script, own, locker } = application;
    const gate = new Gate();
    const errors: unknown[] = [];
    const { key, run } = await application.startHeld(async (job, lease) => {
      job.trail.push(`attempt ${lease.attempt}`);
      if (lease.step === 2) return;
      if (lease.attempt === 1) await gate.pass();
      await lease.next('two').catch((error: unknown) => {
        errors.push(error);
        throw error;
      });
    });
    const zombie = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    own.stall();
    await clock.advance(silence);
    expect(await application.deliver({ key, run, step: 1, task: 'one' })).toMatchObject({
      body: { outcome: 'advanced' },
    });
    const before = await application.proto(key);
    const tasks = await application.tasks();

    gate.open();
    expect(await zombie).toMatchObject({ status: 409, body: { outcome: 'lost' } });
    expect(errors).toEqual([expect.any(LeaseLostError)]);
    expect(await application.proto(key)).toEqual(before);
    expect(await application.tasks()).toEqual(tasks);
    expect(await locker.get(key)).toMatchObject({ trail: ['attempt 2'] });
    expect(script.summary(key)).toEqual(['one 1/1', 'one 1/2']);
  });

  it('drops a task that is ahead of its entity, however old the lease, and tells somebody', async () => {
    const { clock, script, own, alerts } = application;
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass());
    const holder = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    own.stall();
    await clock.advance(11 * minute);
    const before = await application.proto(key);

    const answer = await application.deliver({ key, run, step: 2, task: 'one' });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'ahead' } });
    expect(alerts).toMatchObject([{ type: 'ahead', step: 1, run }]);
    expect(await application.proto(key)).toEqual(before);
    own.resume();
    gate.open();
    await holder;
    expect(script.of(key)).toHaveLength(1);
  });

  it('keeps the lease of the present holder when a holder before it fails', async () => {
    const { clock, own } = application;
    const gates = [new Gate(), new Gate()];
    const { key, run } = await application.startHeld(async (_, lease) => {
      await gates[lease.attempt - 1]?.pass();
      if (lease.attempt === 1) throw new Error('too late');
    });
    const delivery = { key, run, step: 1, task: 'one' };
    const zombie = application.deliver(delivery);
    await gates[0]?.reached;
    own.stall();
    await clock.advance(silence);
    const holder = application.deliver(delivery);
    await gates[1]?.reached;
    const before = await application.proto(key);

    gates[0]?.open();
    expect(await zombie).toMatchObject({ status: 409 });
    expect(await application.proto(key)).toEqual(before);
    gates[1]?.open();
    expect(await holder).toMatchObject({ body: { outcome: 'completed' } });
  });

  it('stays advanced when the handler throws after it has settled', async () => {
    const { key, run } = await application.startHeld(async (_, lease) => {
      if (lease.step === 2) return;
      await lease.next('two');
      throw new Error('after all');
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'advanced' } });
    expect(await application.lock(key)).toMatchObject({ step: 2, state: 'ready', tries: 0 });
    expect(application.logged('warn')).toContainEqual(expect.stringContaining('threw after'));
  });

  it('that failed for good says so, and no duplicate runs it again', async () => {
    const { emulator, clock, script, alerts } = application;
    const key = application.job(() => {
      throw new Error('broken');
    });
    const { run } = await application.locker.schedule(key, new Job(), 'brief');
    await emulator.drain();
    expect(script.summary(key)).toEqual(['brief 1/1', 'brief 1/2', 'brief 1/3']);
    expect(await application.lock(key)).toMatchObject({
      state: 'failed',
      end: 'failed',
      leaseId: '',
      due: undefined,
    });
    expect(alerts).toMatchObject([
      { type: 'failed', attempts: 3, key: expect.any(String) as unknown },
    ]);

    for (const number of [0, 1, 2, 3]) {
      await clock.advance(11 * minute);
      const answer = await application.deliver({ key, run, step: 1, number, task: 'brief' });
      expect(answer).toMatchObject({ status: 200, body: { outcome: 'stale' } });
    }
    expect(script.of(key)).toHaveLength(3);
  });

  it('counts the attempts that its handler did not survive', async () => {
    const { clock, script, own, alerts } = application;
    const gates: Gate[] = [];
    const { key, run } = await application.startHeld(() => {
      const gate = new Gate();
      gates.push(gate);
      return gate.pass();
    }, 'brief');
    const delivery = { key, run, step: 1, task: 'brief' };
    own.stall();
    const deliveries = [];
    // The instance "dies" each time: it neither renews nor settles.
    for (let attempt = 1; attempt <= 3; attempt++) {
      deliveries.push(application.deliver(delivery));
      await eventually(() => gates.length === attempt);
      expect(await application.deliver(delivery)).toMatchObject({ body: { outcome: 'busy' } });
      await clock.advance(silence);
    }
    expect(await application.deliver(delivery)).toMatchObject({
      status: 200,
      body: { outcome: 'failed' },
    });
    expect(script.summary(key)).toEqual(['brief 1/1', 'brief 1/2', 'brief 1/3']);
    expect(await application.lock(key)).toMatchObject({ state: 'failed', tries: 3 });
    expect(alerts.map(({ type }) => type)).toEqual(['taken-over', 'taken-over', 'failed']);
    gates.forEach((gate) => gate.open());
    own.resume();
    await Promise.all(deliveries);
  });

  it('fails once its attempts are used up, whatever the stored count has come to', async () => {
    const { key, run } = await application.startHeld(() => {
      throw new Error('broken');
    }, 'brief');
    // A count that has passed the limit, as one that was lowered since would have.
    const stored = await application.proto(key);
    await application.emulator.datastore.commit({
      projectId: 'test-project',
      mode: 'NON_TRANSACTIONAL',
      mutations: [
        {
          upsert: {
            ...stored,
            properties: {
              ...stored?.properties,
              lock_try: { integerValue: '7', excludeFromIndexes: true },
            },
          },
        },
      ],
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'brief' });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'failed' } });
    expect(await application.lock(key)).toMatchObject({ state: 'failed', tries: 8 });
  });

  it('is complete when a handler returns without having settled', async () => {
    const { emulator, locker } = application;
    const key = application.job((job) => {
      job.count = 7;
    });
    await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    expect(await locker.get(key)).toMatchObject({
      count: 7,
      lock: { state: 'completed', leaseId: '', due: undefined },
    });
  });

  it('takes no task of an earlier run for one of its own', async () => {
    const { emulator, script, locker } = application;
    const key = application.job((_, lease) => lease.step < 2 && lease.next());
    const { run } = await locker.schedule(key, new Job(), 'one');
    await emulator.drain();
    emulator.faults.hold();
    const job = await locker.get(key);
    const second = await locker.schedule(key, job ?? new Job(), 'one');
    expect(second.run).not.toBe(run);

    for (const step of [1, 2])
      expect(await application.deliver({ key, run, step, task: 'one' })).toMatchObject({
        status: 200,
        body: { outcome: 'stale', reason: 'it belongs to another run' },
      });
    expect(script.of(key)).toHaveLength(2);
    expect(await application.lock(key)).toMatchObject({ run: second.run, step: 1, state: 'ready' });
  });

  it('is not overwritten by another schedule', async () => {
    const { key, run } = await application.startHeld();
    const before = await application.proto(key);
    const fresh = new Job();
    fresh.count = 99;
    await expect(application.locker.schedule(key, fresh, 'two')).rejects.toThrow(RunActiveError);
    expect(await application.proto(key)).toEqual(before);
    expect(await application.tasks()).toHaveLength(1);
    expect((await application.lock(key)).run).toBe(run);
  });

  it('keeps the first of two settles in one handler', async () => {
    const errors: unknown[] = [];
    const { key, run } = await application.startHeld(async (job, lease) => {
      await lease.next('two');
      job.count = 2;
      await lease.next('fragile').catch((error: unknown) => errors.push(error));
      await lease.complete().catch((error: unknown) => errors.push(error));
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'advanced' } });
    expect(errors).toMatchObject([{ code: 'ALREADY_SETTLED' }, { code: 'ALREADY_SETTLED' }]);
    expect(await application.locker.get(key)).toMatchObject({
      count: 0,
      lock: { step: 2, task: { name: 'two' } },
    });
  });

  it('counts no step when a settle is refused', async () => {
    const leases: Lease[] = [];
    const { key, run } = await application.startHeld(async (_, lease) => {
      leases.push(lease);
      await lease.next('nobody');
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(answer.status).toBe(500);
    expect(await application.lock(key)).toMatchObject({ step: 1, state: 'ready', tries: 1 });
    expect(leases[0]?.step).toBe(1);
  });

  it("stores nothing of a failed handler's half-made changes", async () => {
    const { key, run } = await application.startHeld((job) => {
      job.count = 50;
      job.trail.push('half');
      throw new Error('broken');
    });
    const before = await application.proto(key);
    expect(await application.deliver({ key, run, step: 1, task: 'one' })).toMatchObject({
      status: 500,
    });
    const after = await application.proto(key);
    expect(after?.properties?.['count']).toEqual(before?.properties?.['count']);
    expect(after?.properties?.['trail']).toEqual(before?.properties?.['trail']);
    expect(await application.lock(key)).toMatchObject({ state: 'ready', tries: 1 });
  });
});

function outcomeOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'outcome' in body ? body.outcome : undefined;
}

/** Lets the event loop turn until something is so. */
async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
