import { type Lease, PermanentTaskError } from 'nestjs-datastore-locker';
import type { Emulator } from 'nestjs-datastore-locker/emulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Departure } from '../../lib/delivery/departure.js';
import { adapters, Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { loopbackPort } from '../../lib/testing/loopback-port.js';
import { Gate } from '../support/gate.js';
import { Job, type Part } from '../support/jobs.js';
import { WorkerProcess } from '../support/worker-process.js';

const minute = 60_000;

/** Resolves with the reason when the lease's signal fires. */
function aborted({ signal }: Lease): Promise<unknown> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason));
    if (signal.aborted) resolve(signal.reason);
  });
}

describe.each(adapters)('an instance on %s that is shut down', (adapter) => {
  /** The one that goes, and one that stays: the queue delivers to that. */
  let leaving: Application;
  let staying: Application;
  beforeEach(async () => {
    staying = await Application.ofJobs({ adapter });
    const options = { target: { baseUrl: staying.baseUrl }, shutdownTimeout: '5s' };
    leaving = await Application.ofJobs({ adapter, beside: staying, options });
  });
  afterEach(async () => {
    await leaving.stop();
    await staying.stop();
  });

  /** A step that the leaving instance is at work on. */
  async function startWork(part: Part) {
    const gate = new Gate();
    const { key, run } = await leaving.startHeld((job, lease, body) => {
      void gate.pass();
      return part(job, lease, body);
    });
    const answer = leaving.deliver({ key, run, step: 1, task: 'one' });
    await gate.reached;
    return { key, run, answer };
  }

  it.each<[string, Part]>([
    ['returns', (_, lease) => aborted(lease)],
    [
      'throws',
      async (_, lease) => {
        throw await aborted(lease);
      },
    ],
    [
      'throws something of its own',
      async (job, lease) => {
        job.count = 1;
        await aborted(lease);
        throw new Error('interrupted');
      },
    ],
  ])('fires the signal of a handler that then %s; another one runs it at once', async (_, part) => {
    const reasons: unknown[] = [];
    const { key, answer } = await startWork((job, lease, body) => {
      void aborted(lease).then((reason) => reasons.push(reason));
      return part(job, lease, body);
    });
    staying.script.set(key, (job, lease) => {
      job.trail.push(`attempt ${lease.attempt}`);
    });
    const begun = staying.clock.now();
    await leaving.nest.close();

    expect(await answer).toMatchObject({ status: 200, body: { outcome: 'handed back' } });
    expect(reasons).toMatchObject([{ code: 'LEASE_ABORTED', reason: 'shutdown' }]);
    const { state, step, tries, number } = await staying.lock(key);
    expect({ state, step, tries, number }).toEqual({
      state: 'ready',
      step: 1,
      tries: 0,
      number: 1,
    });
    staying.emulator.faults.release();
    await staying.emulator.drain();
    expect(staying.script.summary(key)).toEqual(['one 1/1']);
    expect(await staying.locker.get(key)).toMatchObject({
      count: 0,
      trail: ['attempt 1'],
      lock: { state: 'completed', history: [{ outcome: 'handed back' }, { outcome: 'completed' }] },
    });
    expect(staying.clock.now() - begun).toBeLessThan(minute);
    expect(leaving.alerts).toEqual([]);
  });

  it('fails the run of a handler that then says that it can never succeed', async () => {
    const { key, answer } = await startWork(async (_, lease) => {
      await aborted(lease);
      throw new PermanentTaskError('half of it is done');
    });
    await leaving.nest.close();
    expect(await answer).toMatchObject({ status: 200, body: { outcome: 'failed' } });
    expect(await staying.lock(key)).toMatchObject({ state: 'failed', step: 1 });
  });

  it('stores what a handler settles after its signal', async () => {
    const { key, answer } = await startWork(async (job, lease) => {
      await aborted(lease);
      job.count = 1;
      await lease.next('two');
    });
    await leaving.nest.close();
    expect(await answer).toMatchObject({ status: 200, body: { outcome: 'advanced' } });
    expect(await staying.locker.get(key)).toMatchObject({ count: 1, lock: { step: 2 } });
    expect(await staying.tasks()).toHaveLength(2);
  });

  it('begins no new step', async () => {
    const gate = new Gate();
    const { answer } = await startWork(() => gate.pass());
    const { key, run } = await leaving.startHeld(() => undefined);
    // Its acquire is on its way to Datastore when the shutdown begins.
    leaving.emulator.faults.add({ fault: 'delay-call', method: 'lookup', ms: 200, times: 1 });
    const acquiring = leaving.deliver({ key, run, step: 1, task: 'one' });
    await eventually(() => !hasDelay(leaving.emulator));
    const closed = leaving.nest.close();
    await eventually(() => leaving.script.calls.length === 1 && isLeaving(leaving));
    const late = await leaving.deliver({ key, run, step: 1, task: 'one' });
    expect(late).toMatchObject({ status: 409, body: { outcome: 'closing' } });
    expect(late.headers.get('connection')).toBe('close');
    expect(await acquiring).toMatchObject({ status: 200, body: { outcome: 'handed back' } });
    gate.open();
    await closed;
    await answer;
    expect(leaving.script.of(key)).toEqual([]);
    expect(await staying.lock(key)).toMatchObject({ state: 'ready', tries: 0 });
  });

  it('leaves the lease of a handler that ignores its signal to be taken over', async () => {
    const gate = new Gate();
    const errors: unknown[] = [];
    const { key, answer } = await startWork(async (_, lease) => {
      await gate.pass();
      await lease.next('two').catch((error: unknown) => errors.push(error));
    });
    const closed = leaving.nest.close();
    await eventually(() => isLeaving(leaving));
    await staying.clock.advance(5_000);
    await closed;
    expect(await answer).toMatchObject({ status: 409, body: { outcome: 'closing' } });
    expect(await staying.lock(key)).toMatchObject({ state: 'held', tries: 0 });
    // The queue's own redelivery finds it held, and later takes it over.
    staying.script.set(key, () => undefined);
    staying.emulator.faults.release();
    await staying.emulator.drain();
    expect(staying.script.summary(key)).toEqual(['one 1/2']);
    expect(staying.alerts).toMatchObject([{ type: 'taken-over' }]);
    const before = await staying.proto(key);
    gate.open();
    await eventually(() => errors.length > 0);
    expect(await staying.proto(key)).toEqual(before);
  });
});

describe('a process that gets SIGTERM', () => {
  let starter: Application;
  let worker: WorkerProcess;
  afterEach(async () => {
    worker.kill();
    await starter.stop();
  });

  it('hands one step back, leaves the other to be taken over, and ends by itself', async () => {
    const port = await loopbackPort();
    const target = { baseUrl: `http://127.0.0.1:${port}` };
    starter = await Application.ofJobs({ options: { target } });
    worker = new WorkerProcess(port, starter.emulator);
    await worker.printed('listening');
    const [heeding, ignoring] = [starter.job(), starter.job()];
    await starter.locker.schedule(heeding, new Job(), 'one');
    await starter.locker.schedule(ignoring, new Job(), 'two');
    await worker.printed('heeds its signal');
    await worker.printed('ignores its signal');
    starter.emulator.faults.hold();

    expect(await worker.terminate()).toEqual({ code: null, signal: 'SIGTERM' });
    const handedBack = { state: 'ready', tries: 0, history: [{ outcome: 'handed back' }] };
    expect(await starter.lock(heeding)).toMatchObject(handedBack);
    expect(await starter.lock(ignoring)).toMatchObject({ state: 'held', tries: 0, history: [] });
  });
});

/** Whether its signals have been fired. */
function isLeaving(application: Application): boolean {
  return application.get(Departure).isUnderWay;
}

function hasDelay({ faults }: Emulator): boolean {
  return faults.rules.some(({ fault }) => fault === 'delay-call');
}
