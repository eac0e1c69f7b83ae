import { VersioningType } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application, location, projectId } from '../support/application.js';
import { post } from '../support/delivery.js';
import { eventually } from '../support/eventually.js';
import { Job } from '../support/jobs.js';
import type { Wire } from '../support/wire.js';

const minute = 60_000;
const sweeps = `projects/${projectId}/locations/${location}/queues/sweeps`;

/** The CreateTasks of sweeps, as `namespace @ slot`. */
function armings(wire: Wire): string[] {
  return wire.calls.flatMap(({ method, request }) => {
    if (method !== 'createTask') return [];
    const { parent, task } = request as CreateTask;
    if (parent !== sweeps) return [];
    const { namespace } = JSON.parse(Buffer.from(task.httpRequest.body).toString()) as {
      namespace: string;
    };
    return [`${namespace} @ ${Number(task.scheduleTime.seconds) / 60}`];
  });
}

interface CreateTask {
  readonly parent: string;
  readonly task: {
    readonly httpRequest: { readonly url: string; readonly body: Uint8Array };
    readonly scheduleTime: { readonly seconds: string };
  };
}

/** To the beginning of a minute that nothing is armed for. */
async function freshSlot({ clock }: Application): Promise<number> {
  await clock.advance(4 * minute - (clock.now() % minute));
  return Math.floor(clock.now() / minute);
}

/** Nothing is owed any more, and no sweep is under way that would find it. */
async function clean(application: Application): Promise<void> {
  application.emulator.faults.hold();
  await application.emulator.tasks.idle();
  application.emulator.reset();
  await application.reset();
}

describe.each(adapters)('on %s the sweep of a namespace', (adapter) => {
  let application: Application;
  const options = { sweep: { every: '1m', queue: 'sweeps' }, namespaces: ['', 'a', 'b'] } as const;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter, options });
  });
  afterEach(() => clean(application));
  afterAll(() => application.stop());

  const jobIn = (namespace: string) =>
    application.locker.key(Job, application.job().name ?? '', { namespace });

  it('is armed before the first write of a slot, once, for the slot after next', async () => {
    const { emulator, locker, clock } = application;
    emulator.faults.hold();
    const slot = await freshSlot(application);
    const wire = application.listen();
    await locker.schedule(application.job(), new Job(), 'one');
    expect(wire.methods.filter((method) => method !== 'runQuery')).toEqual([
      'createTask',
      'lookup',
      'commit',
      'createTask',
    ]);
    const many = Array.from({ length: 20 }, () => application.job());
    await Promise.all(many.map((key) => locker.schedule(key, new Job(), 'one')));
    await clock.advance(minute / 2);
    await locker.schedule(application.job(), new Job(), 'one');
    expect(armings(wire)).toEqual([` @ ${slot + 2}`]);
    await clock.advance(minute / 2);
    await Promise.all(
      many.map((key) => locker.schedule(key, new Job(), 'one', { onActive: 'join' })),
    );
    wire.close();
    expect(armings(wire)).toEqual([` @ ${slot + 2}`, ` @ ${slot + 3}`]);
  });

  it('is armed by every process for itself, and is one task all the same', async () => {
    const other = await Application.ofJobs({ adapter, options, beside: application });
    application.emulator.faults.hold();
    await freshSlot(application);
    const wire = application.listen();
    for (const { locker } of [application, other, application, other])
      await locker.schedule(application.job(), new Job(), 'one');
    wire.close();
    expect(armings(wire)).toHaveLength(2);
    expect(await application.tasks('sweeps')).toHaveLength(1);
    await other.stop();
  });

  it('is armed again while anything is owed, and no more when nothing is', async () => {
    const { emulator, locker, clock } = application;
    emulator.faults.hold();
    const slot = await freshSlot(application);
    const key = application.job();
    await locker.schedule(key, new Job(), 'one', { delay: '10m' });
    const wire = application.listen();
    emulator.faults.release();
    await emulator.drain();
    wire.close();
    expect((await locker.get(key))?.lock.state).toBe('completed');
    // One each minute. In the last one the step runs, and arms a sweep of its own.
    const again = Array.from({ length: 8 }, (_, index) => ` @ ${slot + 3 + index}`);
    expect(armings(wire).slice(0, 8)).toEqual(again);
    expect(armings(wire).length).toBeLessThanOrEqual(10);
    expect(wire.answers.every((status) => status === 200)).toBe(true);
    expect(clock.now()).toBeLessThan((slot + 14) * minute);
    expect(await application.tasks('sweeps')).toEqual([]);
  });

  it('comes only where something is owed', async () => {
    const { emulator, locker } = application;
    emulator.faults.hold();
    await freshSlot(application);
    const wire = application.listen();
    await locker.schedule(jobIn('a'), new Job(), 'one', { delay: '5m' });
    emulator.faults.release();
    await emulator.drain();
    wire.close();
    expect(armings(wire).length).toBeGreaterThan(3);
    expect(armings(wire).filter((arming) => !arming.startsWith('a @ '))).toEqual([]);
    const queried = wire.calls.filter(({ method }) => method === 'runQuery');
    expect(queried.length).toBeGreaterThan(9);
    for (const { request } of queried)
      expect(request).toMatchObject({ partitionId: { namespaceId: 'a' } });
  });

  it.each([
    ['Datastore refuses its queries', 'runQuery'],
    ['Cloud Tasks refuses the next', 'createTask'],
  ])('is delivered again when %s', async (_, method) => {
    const { emulator, locker } = application;
    emulator.faults.hold();
    await freshSlot(application);
    const key = application.job();
    await locker.schedule(key, new Job(), 'one', { delay: '4m' });
    emulator.faults.add({ fault: 'fail-before', method, code: 'PERMISSION_DENIED', times: 2 });
    const wire = application.listen();
    emulator.faults.release();
    await emulator.drain();
    wire.close();
    expect(wire.answers.filter((status) => status === 500)).toHaveLength(2);
    expect(wire.answers.filter((status) => status !== 500 && status !== 200)).toEqual([]);
    expect(armings(wire).length).toBeGreaterThan(2);
    expect((await locker.get(key))?.lock.state).toBe('completed');
  });

  it('may be asked for by others, such as Cloud Scheduler', async () => {
    const { emulator, locker, clock, baseUrl, script } = application;
    const key = await startLost(application);
    await clock.advance(2 * minute);
    for (const body of ['', '{}', '{"namespace":"b"}', '{"namespace":"nobody"}', '[1]'])
      await post(`${baseUrl}/locker/sweep`, { 'content-type': 'application/json' }, body).then(
        ({ status }) => expect(status).toBeLessThan(500),
      );
    const json = { 'content-type': 'application/json' };
    const answer = await post(`${baseUrl}/locker/sweep`, json, '{"namespace":"a"}');
    expect(answer).toMatchObject({ status: 200, body: { seen: 1, dispatched: 1, owing: true } });
    emulator.faults.release();
    await emulator.drain();
    expect(script.summary(key)).toEqual(['one 1/1']);
    expect((await locker.get(key))?.lock.state).toBe('completed');
  });

  /** A run in namespace `a` whose task is lost, and the sweep's with it. */
  async function startLost({ emulator, locker }: Application) {
    emulator.faults.hold();
    const key = jobIn('a');
    await locker.schedule(key, new Job(), 'one');
    for (const queue of ['default', 'sweeps'])
      await emulator.tasks.purgeQueue({ name: sweeps.replace('sweeps', queue) });
    return key;
  }

  it.each(['by hand', 'at start-up'])(
    'is made up for %s when the queues are purged',
    async (how) => {
      const { emulator, locker, clock, script } = application;
      await freshSlot(application);
      const key = await startLost(application);
      await clock.advance(2 * minute);
      emulator.faults.release();
      const wire = application.listen();
      if (how === 'by hand') {
        await locker.recover();
        await emulator.drain();
      } else {
        const target = { baseUrl: application.baseUrl };
        const other = await Application.ofJobs({
          adapter,
          beside: application,
          options: { ...options, target },
        });
        await eventually(() => armings(wire).length > 0);
        await emulator.drain();
        await other.stop();
      }
      wire.close();
      expect(script.summary(key)).toEqual(['one 1/1']);
      expect((await locker.get(key))?.lock.state).toBe('completed');
    },
  );
});

describe.each(adapters)('a sweep every ten seconds, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    const sweep = { every: '10s', queue: 'sweeps' };
    application = await Application.ofJobs({ adapter, options: { sweep } });
  });
  afterEach(() => clean(application));
  afterAll(() => application.stop());

  it.each(['schedule', 'transact'])(
    'is armed anew when the slot changes while the commit of %s is under way',
    async (method) => {
      const { emulator, locker, clock } = application;
      emulator.faults.hold();
      await clock.advance(2 * minute);
      const key = application.job();
      const wire = application.listen();
      emulator.faults.add({ fault: 'delay-call', method: 'commit', ms: 30_000, times: 1 });
      const scheduled =
        method === 'schedule'
          ? locker.schedule(key, new Job(), 'one')
          : locker.transact((tx) => Promise.resolve(tx.schedule(key, new Job(), 'one')));
      await eventually(() => emulator.faults.rules.length === 0);
      await clock.advance(30_000);
      await scheduled;
      wire.close();
      const [first = 0, second = 0] = armings(wire).map((arming) => Number(arming.split('@')[1]));
      expect(armings(wire)).toHaveLength(2);
      // Half a minute later.
      expect(second - first).toBeCloseTo(0.5);
    },
  );
});

describe.each(adapters)('the route of the sweep on %s', (adapter) => {
  let application: Application;
  afterEach(() => application.stop());

  it('is found under a global prefix and a version', async () => {
    application = await Application.ofJobs({
      adapter,
      options: { sweep: { queue: 'sweeps' } },
      configure: (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' });
      },
    });
    const { emulator, locker, clock } = application;
    emulator.faults.hold();
    await locker.schedule(application.job(), new Job(), 'one');
    await emulator.tasks.purgeQueue({ name: sweeps.replace('sweeps', 'default') });
    const [sweep] = await application.tasks('sweeps');
    expect(sweep?.httpRequest?.url).toBe(`${application.baseUrl}/api/v2/locker/sweep`);
    const wire = application.listen();
    emulator.faults.release();
    await emulator.drain();
    wire.close();
    expect(new Set(wire.answers)).toEqual(new Set([200]));
    expect(application.script.calls).toHaveLength(1);
    expect(clock.now()).toBeGreaterThan(0);
  });

  it('is for queues and callers alone', async () => {
    const oidc = { serviceAccountEmail: 'tasks@test-project.iam.gserviceaccount.com' };
    application = await Application.ofJobs({
      adapter,
      oidc,
      options: { sweep: { queue: 'sweeps' } },
    });
    const { emulator, locker } = application;
    const wire = application.listen();
    const forged = await post(`${application.baseUrl}/locker/sweep`, {}, '');
    expect(forged.status).toBe(401);
    await locker.schedule(application.job(), new Job(), 'one', { delay: '3m' });
    await emulator.drain();
    wire.close();
    expect(wire.answers.length).toBeGreaterThan(2);
    expect(new Set(wire.answers)).toEqual(new Set([200]));
  });

  it('is called by no task where the option sweep is false', async () => {
    application = await Application.ofJobs({ adapter, options: { sweep: false } });
    const { emulator, locker, clock, script } = application;
    emulator.faults.hold();
    const key = application.job((_, lease) => lease.step < 2 && lease.next());
    await locker.schedule(key, new Job(), 'one');
    await emulator.tasks.purgeQueue({ name: sweeps.replace('sweeps', 'default') });
    await clock.advance(2 * minute);
    const wire = application.listen();
    expect(await locker.recover()).toMatchObject([{ dispatched: 1, owing: true }]);
    emulator.faults.release();
    await emulator.drain();
    wire.close();
    expect(script.summary(key)).toEqual(['one 1/1', 'one 2/1']);
    const created = wire.calls.filter(({ method }) => method === 'createTask');
    for (const { request } of created)
      expect(request).not.toHaveProperty('task.scheduleTime.seconds', expect.anything());
    expect(created).toHaveLength(2);
  });
});
