import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ListOptions } from 'nestjs-datastore-locker';
import { adapters, Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { notOn } from '../support/google-datastore.js';
import { Job } from '../support/jobs.js';

const minute = 60_000;

describe.each(adapters)('operating, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter, options: { namespaces: ['', 'tenant'] } });
  });
  afterEach(async () => {
    application.emulator.faults.hold();
    await application.emulator.tasks.idle();
    application.emulator.reset();
    await application.reset();
  });
  afterAll(() => application.stop());

  type JobKey = ReturnType<Application['job']>;
  const names = async (options: Omit<ListOptions, 'kind'>) =>
    (await application.locker.list({ kind: 'Job', ...options })).chains
      .map(({ key }) => key.name ?? '')
      .toSorted(byName);

  async function startIn(namespace: string, name: string) {
    application.emulator.faults.hold();
    const key = application.locker.key(Job, name, { namespace });
    const { run } = await application.locker.schedule(key, new Job(), 'one');
    return { key, run };
  }

  /** A chain that has failed at its second step, which a retry lets pass. */
  async function fail() {
    let isBroken = true;
    const { key, run } = await application.startHeld((job, lease) => {
      job.trail.push(`step ${lease.step}`);
      if (lease.step === 1) return lease.next('brief');
      if (isBroken) throw new Error('broken');
      return undefined;
    });
    await application.deliver({ key, run, step: 1, task: 'one' });
    for (const number of [0, 1, 2])
      await application.deliver({ key, run, step: 2, number, task: 'brief' });
    isBroken = false;
    return { key, run };
  }

  /** A step whose handler stands still until the gate opens. */
  async function stuck(task: string) {
    const gate = new Gate();
    const reasons: unknown[] = [];
    let isFirst = true;
    const { key, run } = await application.startHeld(async (job, lease) => {
      if (!isFirst) return;
      isFirst = false;
      lease.signal.addEventListener('abort', () => reasons.push(lease.signal.reason));
      await gate.pass();
      job.count = 99;
      await lease.next('two');
    }, task);
    const answer = application.deliver({ key, run, step: 1, task });
    await gate.reached;
    return { key, run, gate, answer, reasons };
  }

  it('shows one chain as it stands', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass());
    const { locker, clock } = application;
    const ready = {
      isOverdue: false,
      takeableAt: undefined,
      lock: { state: 'ready', step: 1, run },
    };
    expect(await locker.inspect(key)).toMatchObject(ready);
    await clock.advance(2 * minute);
    expect(await locker.inspect(key)).toMatchObject({ ...ready, isOverdue: true });
    const answer = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    const held = await locker.inspect(key);
    expect(held).toMatchObject({ isOverdue: false, lock: { state: 'held' } });
    const left = (held.takeableAt?.getTime() ?? 0) - clock.now();
    expect(left).toBeGreaterThan(minute);
    expect(left).toBeLessThanOrEqual(minute + 5_000);
    gate.open();
    await answer;
    expect(await locker.inspect(key)).toMatchObject({ lock: { state: 'completed' } });
    await expect(locker.inspect(application.job())).rejects.toMatchObject({
      code: 'ENTITY_NOT_FOUND',
      status: 404,
    });
  });

  it('lists chains by state, kind and namespace', async () => {
    const { locker, clock } = application;
    const gate = new Gate();
    const failed = await fail();
    const waiting = await application.startHeld((_, lease) =>
      lease.next('two', { waitFor: 1, within: '1d' }),
    );
    await application.deliver({ ...waiting, step: 1, task: 'one' });
    const done = await application.startHeld();
    await application.deliver({ ...done, step: 1, task: 'one' });
    const cancelled = await application.startHeld();
    await locker.cancel(cancelled.key);
    const overdue = await application.startHeld();
    await clock.advance(2 * minute);
    const ready = await application.startHeld();
    const held = await application.startHeld(() => gate.pass());
    const answer = application.deliver({ ...held, step: 1, task: 'one' });
    await gate.reached;
    const tenant = await startIn('tenant', 'theirs');

    expect(await names({ state: 'failed' })).toEqual(of(failed));
    expect(await names({ state: 'waiting' })).toEqual(of(waiting));
    expect(await names({ state: 'held' })).toEqual(of(held));
    expect(await names({ state: 'ready' })).toEqual(of(ready, overdue));
    expect(await names({ state: 'overdue' })).toEqual(of(overdue));
    expect(await names({ state: 'ready', namespace: 'tenant' })).toEqual(of(tenant));
    expect(await names({ state: 'held', namespace: 'tenant' })).toEqual([]);
    expect(await locker.list({ kind: 'Other', state: 'ready' })).toEqual({ chains: [] });
    gate.open();
    await answer;
  });

  it.each(['ready', 'failed'] as const)('lists page by page (%s)', async (state) => {
    const { locker } = application;
    const keys: JobKey[] = [];
    for (let index = 0; index < 7; index++) {
      const { key, run } = await application.startHeld(() => {
        throw new Error('broken');
      }, 'brief');
      keys.push(key);
      const numbers = state === 'failed' ? [0, 1, 2] : [];
      for (const number of numbers)
        await application.deliver({ key, run, step: 1, number, task: 'brief' });
    }
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await locker.list({ kind: 'Job', state, limit: 3, ...(cursor && { cursor }) });
      pages.push(page.chains.map(({ key }) => key.name ?? ''));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(pages.flat().toSorted(byName)).toEqual(
      keys.map(({ name }) => name ?? '').toSorted(byName),
    );
  });

  it('lets a failed run go on at the step that failed', async () => {
    const { locker, emulator, script } = application;
    const { key, run } = await fail();
    expect(await application.lock(key)).toMatchObject({ state: 'failed', step: 2, tries: 3 });
    expect(await locker.retry(key)).toEqual({ run, dispatched: true });
    expect(await application.lock(key)).toMatchObject({ state: 'ready', step: 2, tries: 0 });
    emulator.faults.release();
    await emulator.drain();
    expect(await locker.get(key)).toMatchObject({
      trail: ['step 1', 'step 2'],
      lock: { state: 'completed', run, due: undefined },
    });
    expect(script.summary(key).slice(-1)).toEqual(['brief 2/1']);
    expect((await names({ state: 'failed' })).length).toBe(0);
  });

  it.each(['here', 'elsewhere'])('cancels a run whose handler is at work %s', async (where) => {
    const { clock, alerts } = application;
    const other = await Application.ofJobs({ adapter, beside: application });
    const gate = new Gate();
    const reasons: unknown[] = [];
    const errors: unknown[] = [];
    const { key, run } = await application.startHeld(async (job, lease) => {
      lease.signal.addEventListener('abort', () => reasons.push(lease.signal.reason));
      await gate.pass();
      job.count = 1;
      await lease.next('two').catch((error: unknown) => {
        errors.push(error);
        throw error;
      });
    });
    const answer = application.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    await (where === 'here' ? application : other).locker.cancel(key);
    const before = await application.proto(key);
    expect(reasons).toHaveLength(where === 'here' ? 1 : 0);
    // The next renewal finds the lease gone.
    await clock.advance(where === 'here' ? 0 : minute / 2);
    await eventually(() => reasons.length > 0);
    expect(reasons).toMatchObject([{ code: 'LEASE_ABORTED', reason: 'lost' }]);
    gate.open();
    expect(await answer).toMatchObject({ status: 409, body: { outcome: 'lost' } });
    expect(errors).toMatchObject([{ code: 'LEASE_LOST' }]);
    expect(await application.proto(key)).toEqual(before);
    expect(await application.lock(key)).toMatchObject({
      state: 'cancelled',
      step: 1,
      due: undefined,
      leaseId: '',
    });
    expect(alerts).toEqual([]);
    const late = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(late).toMatchObject({ status: 200, body: { outcome: 'stale' } });
    await other.stop();
  });

  it('cancels a run that waits for its next step, and a new one may begin', async () => {
    const { locker, emulator, script } = application;
    const { key, run } = await application.startHeld();
    await locker.cancel(key);
    emulator.faults.release();
    await emulator.drain();
    expect(script.of(key)).toEqual([]);
    const second = await locker.schedule(key, new Job(), 'one');
    expect(second).toMatchObject({ started: true });
    expect(second.run).not.toBe(run);
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1']);
  });

  it.each<['retry' | 'cancel', string, () => Promise<{ key: JobKey }>]>([
    ['retry', 'ready', () => application.startHeld()],
    ['retry', 'completed', () => ended((key) => application.deliver(key))],
    ['retry', 'cancelled', () => ended(({ key }) => application.locker.cancel(key))],
    ['cancel', 'completed', () => ended((key) => application.deliver(key))],
    ['cancel', 'cancelled', () => ended(({ key }) => application.locker.cancel(key))],
    ['cancel', 'failed', () => fail()],
  ])('refuses to %s a run that is %s', async (operation, state, make) => {
    const { key } = await make();
    const before = await application.proto(key);
    await expect(application.locker[operation](key)).rejects.toMatchObject({
      code: 'RUN_STATE',
      status: 409,
      state,
    });
    expect(await application.proto(key)).toEqual(before);
  });

  it('runs a step now that is due later', async () => {
    const { locker, emulator, script } = application;
    const { key, run } = await application.startHeld((_, lease) =>
      lease.step === 1 ? lease.next('two', { delay: '3h' }) : undefined,
    );
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(await locker.runNow(key)).toEqual({ run, dispatched: true });
    // The task for later is superseded.
    const late = await application.deliver({ key, run, step: 2, task: 'two' });
    expect(late).toMatchObject({ status: 200, body: { outcome: 'superseded' } });
    const before = application.clock.now();
    emulator.faults.release();
    await eventually(() => script.summary(key).includes('two 2/1'));
    expect(application.clock.now() - before).toBeLessThan(minute);
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1', 'two 2/1']);
    expect(await application.lock(key)).toMatchObject({ state: 'completed', run });
  });

  it('runs a step now that waits for arrivals, and tells it that they lack', async () => {
    const { locker, emulator } = application;
    const timedOut: boolean[] = [];
    const { key, run } = await application.startHeld((_, lease) => {
      timedOut.push(lease.timedOut);
      return lease.step === 1 ? lease.next('two', { waitFor: 2, within: '1d' }) : undefined;
    });
    await application.deliver({ key, run, step: 1, task: 'one' });
    await locker.runNow(key);
    emulator.faults.release();
    await emulator.drain();
    expect(timedOut).toEqual([false, true]);
    expect(await application.lock(key)).toMatchObject({ state: 'completed' });
  });

  describe('releasing a lease by hand', () => {
    it('refuses what its holder would settle, and the step runs again by a task of its own', async () => {
      const { locker, emulator, script } = application;
      const { key, run, gate, answer, reasons } = await stuck('one');
      const { leaseId } = await application.lock(key);
      expect(await locker.release(key, { leaseId })).toEqual({
        run,
        dispatched: true,
        state: 'ready',
      });
      expect(reasons).toMatchObject([{ code: 'LEASE_ABORTED', reason: 'lost' }]);
      const released = await application.lock(key);
      expect(released).toMatchObject({ state: 'ready', step: 1, tries: 1, number: 1 });
      expect(released.due).toBeGreaterThan(application.clock.now());
      gate.open();
      expect(await answer).toMatchObject({ status: 409, body: { outcome: 'lost' } });
      expect(await application.lock(key)).toEqual(released);
      expect(await locker.get(key)).toMatchObject({ count: 0 });
      emulator.faults.release();
      await emulator.drain();
      expect(script.summary(key)).toEqual(['one 1/1', 'one 1/2']);
      expect(await application.lock(key)).toMatchObject({ state: 'completed', run });
    });

    it('fails the run of a task that is not to be repeated after a loss', async () => {
      const { key, run, gate, answer } = await stuck('fragile');
      expect(await application.locker.release(key)).toEqual({
        run,
        dispatched: true,
        state: 'failed',
      });
      gate.open();
      expect(await answer).toMatchObject({ body: { outcome: 'lost' } });
      expect(await application.lock(key)).toMatchObject({ state: 'failed', due: undefined });
      expect(application.alerts).toMatchObject([{ type: 'failed' }]);
    });

    it('leaves another lease alone than the one that was meant', async () => {
      const { key, gate, answer } = await stuck('one');
      const before = await application.proto(key);
      await expect(
        application.locker.release(key, { leaseId: 'of-somebody-before' }),
      ).rejects.toMatchObject({ code: 'RUN_STATE', state: 'held by another lease by now' });
      expect(await application.proto(key)).toEqual(before);
      gate.open();
      expect(await answer).toMatchObject({ status: 200 });
    });
  });

  it('dispatches a step again whose task was lost', async () => {
    const { locker, emulator, script } = application;
    const { key, run } = await application.startHeld();
    await emulator.tasks.purgeQueue({
      name: 'projects/test-project/locations/europe-west1/queues/default',
    });
    expect(await locker.redispatch(key)).toEqual({ run, dispatched: true });
    emulator.faults.release();
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1']);
    expect(await application.lock(key)).toMatchObject({ state: 'completed' });
  });

  it('dispatches a step again whose task is still there, and it runs once', async () => {
    const { locker, emulator, script } = application;
    const { key } = await application.startHeld();
    await locker.redispatch(key);
    expect(await application.tasks()).toHaveLength(2);
    emulator.faults.release();
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1']);
  });

  it.each([
    ['runNow', 'completed'],
    ['release', 'ready'],
    ['redispatch', 'completed'],
  ] as const)('refuses to %s a run that is %s', async (operation, state) => {
    const { key } =
      state === 'ready'
        ? await application.startHeld()
        : await ended((delivery) => application.deliver(delivery));
    const before = await application.proto(key);
    await expect(application.locker[operation](key)).rejects.toMatchObject({
      code: 'RUN_STATE',
      state,
    });
    expect(await application.proto(key)).toEqual(before);
  });

  const counting = notOn('datastore', 'it has no aggregations');
  it('counts chains, and tells when that is not all of them', counting, async () => {
    const { locker, clock } = application;
    const gate = new Gate();
    await fail();
    await clock.advance(25 * 60 * minute);
    await fail();
    const waiting = await application.startHeld((_, lease) =>
      lease.next('two', { waitFor: 1, within: '9d' }),
    );
    await application.deliver({ ...waiting, step: 1, task: 'one' });
    await application.startHeld();
    await clock.advance(2 * minute);
    await application.startHeld();
    const held = await application.startHeld(() => gate.pass());
    const answer = application.deliver({ ...held, step: 1, task: 'one' });
    await gate.reached;
    await startIn('tenant', 'theirs');
    const exact = { kind: 'Job', owing: 4, overdue: 1, failed: 2 };
    expect(await locker.count({ kind: 'Job' })).toEqual({
      ...exact,
      namespace: '',
      seenAt: expect.any(Date) as Date,
      ready: 2,
      waiting: 1,
      held: 1,
      failedLately: 1,
      isComplete: true,
    });
    expect(await locker.count({ kind: 'Job', namespace: 'tenant' })).toMatchObject({ ready: 1 });
    const some = await locker.count({ kind: 'Job', reads: 2 });
    expect(some).toMatchObject({ ...exact, isComplete: false });
    expect(some.ready + some.waiting + some.held).toBe(2);
    gate.open();
    await answer;
  });

  it('lists what is stored by the beginning of its name, and reads no more than it may', async () => {
    const { locker } = application;
    application.emulator.faults.hold();
    for (const name of ['red-1', 'red-2', 'red-3', 'blue-1', 'redder'])
      await locker.schedule(locker.key(Job, name), new Job(), 'one');
    const list = (options: Partial<ListOptions>) =>
      locker.list({ kind: 'Job', state: 'any', ...options });
    const { chains, cursor } = await list({ prefix: 'red-', limit: 2 });
    expect(chains.map(({ key }) => key.name)).toEqual(['red-1', 'red-2']);
    const rest = await list({ prefix: 'red-', limit: 2, ...(cursor && { cursor }) });
    expect(rest.chains.map(({ key }) => key.name)).toEqual(['red-3']);
    expect(rest.cursor).toBeUndefined();
    const some = await locker.list({ kind: 'Job', state: 'held', reads: 3 });
    expect(some.chains).toEqual([]);
    expect(some.cursor).toBeDefined();
  });

  it('lists what is overdue page by page, whichever range of the index it is in', async () => {
    const { locker, clock } = application;
    const keys: string[] = [];
    for (let index = 0; index < 23; index++)
      keys.push((await application.startHeld()).key.name ?? '');
    await clock.advance(5 * minute);
    // They become overdue while the list is read; it stays as it was when that began.
    for (let index = 0; index < 12; index++) await application.startHeld();
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await locker.list({
        kind: 'Job',
        state: 'overdue',
        limit: 4,
        ...(cursor && { cursor }),
      });
      expect(page.chains.length).toBeLessThanOrEqual(4);
      found.push(...page.chains.map(({ key }) => key.name ?? ''));
      cursor = page.cursor;
      await clock.advance(30_000);
    } while (cursor !== undefined);
    expect(found.toSorted(byName)).toEqual(keys.toSorted(byName));
  });

  async function ended(
    end: (delivery: { key: JobKey; run: string; step: number; task: string }) => Promise<unknown>,
  ) {
    const started = await application.startHeld();
    await end({ ...started, step: 1, task: 'one' });
    return started;
  }

  it.each(['retry', 'cancel', 'runNow', 'release', 'redispatch'] as const)(
    'finds nothing to %s where there is none',
    async (what) => {
      await expect(application.locker[what](application.job())).rejects.toMatchObject({
        code: 'ENTITY_NOT_FOUND',
      });
    },
  );

  describe('when the commit may have been applied', () => {
    const faults = ['fail-before', 'fail-after'] as const;

    it.each(faults)('a retry is made once (%s)', async (fault) => {
      const { key, run } = await fail();
      application.emulator.faults.add({ fault, method: 'commit', times: 1 });
      expect(await application.locker.retry(key)).toEqual({ run, dispatched: true });
      const { number, history } = await application.lock(key);
      expect(history.filter(({ outcome }) => outcome === 'retried')).toHaveLength(1);
      expect(number).toBe(3);
    });

    it.each(faults)('a run is cancelled (%s)', async (fault) => {
      const { key } = await application.startHeld();
      application.emulator.faults.add({ fault, method: 'commit', times: 1 });
      await application.locker.cancel(key);
      expect((await application.lock(key)).state).toBe('cancelled');
    });

    it.each(faults)('a step is released, run now or dispatched again once (%s)', async (fault) => {
      const { locker, emulator } = application;
      const { key } = await application.startHeld();
      emulator.faults.add({ fault, method: 'commit', times: 1 });
      await locker.redispatch(key);
      emulator.faults.add({ fault, method: 'commit', times: 1 });
      await locker.runNow(key);
      expect(await application.lock(key)).toMatchObject({ number: 2, firstNumber: 2 });
      const gate = new Gate();
      const held = await application.startHeld(() => gate.pass());
      const answer = application.deliver({ ...held, step: 1, task: 'one' });
      await gate.reached;
      emulator.faults.add({ fault, method: 'commit', times: 1 });
      expect(await locker.release(held.key)).toMatchObject({ state: 'ready', dispatched: true });
      expect(await application.lock(held.key)).toMatchObject({ number: 1, tries: 1 });
      gate.open();
      await answer;
    });

    it('the run that has begun meanwhile is not cancelled', async () => {
      const { locker, emulator } = application;
      const { key, run } = await application.startHeld();
      // Between the commit of the cancel and its answer another run begins.
      emulator.faults.add({ fault: 'fail-after', method: 'commit', times: 1 });
      let second: Promise<{ run: string }> | undefined;
      const stop = emulator.tap((event) => {
        if (event.type !== 'call' || event.method !== 'commit') return;
        stop();
        second = locker.schedule(key, new Job(), 'two');
      });
      emulator.faults.add({ fault: 'delay-call', method: 'lookup', ms: 0, times: 1 });
      const [outcome] = await Promise.allSettled([locker.cancel(key)]);
      const begun = await second;
      expect(begun?.run).not.toBe(run);
      expect(await application.lock(key)).toMatchObject({ state: 'ready', run: begun?.run });
      // It saw its own commit, or says that it does not know.
      expect([undefined, 'OUTCOME_UNKNOWN']).toContain(codeOf(outcome));
    });
  });
});

const byName = (one: string, other: string) => one.localeCompare(other);

/** The names of some chains, in order. */
const of = (...chains: { key: { name?: string } }[]) =>
  chains.map(({ key }) => key.name ?? '').toSorted(byName);

function codeOf(outcome: PromiseSettledResult<unknown>): unknown {
  return outcome.status === 'rejected' ? (outcome.reason as { code?: string }).code : undefined;
}

describe.each(adapters)('an instance on %s that is not enabled', (adapter) => {
  it('runs nothing, arms nothing, and asks its queue to wait', async () => {
    const application = await Application.ofJobs({
      adapter,
      options: { enabled: false, sweep: {} },
    });
    const wire = application.listen();
    const { key, run } = await application.startHeld();
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    wire.close();
    const script = application.script.of(key);
    const { state } = await application.lock(key);
    await application.stop();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(script).toEqual([]);
    expect(state).toBe('ready');
    expect(wire.methods).toEqual(['lookup', 'commit', 'createTask']);
  });
});
