import type { Key } from '@google-cloud/datastore';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EntityKey } from 'nestjs-datastore-locker';
import { keyToProto } from '../../lib/datastore/keys.js';
import { adapters, Application, projectId } from '../support/application.js';
import { Job, type Part } from '../support/jobs.js';

const minute = 60_000;
const integer = (value: number) => ({ integerValue: String(value) });

const countToFive: Part = (job, lease) => {
  job.count += 1;
  return lease.step < 5 && lease.next();
};

/** What the Go library left behind, with its task lost or still to come. */
describe.each(adapters)('adopting chains of the Go library, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
  });
  afterEach(async () => {
    application.emulator.faults.hold();
    await application.emulator.tasks.idle();
    application.emulator.reset();
    await application.reset();
  });
  afterAll(() => application.stop());

  /** An entity as Go stored it: four indexed properties, and its own. */
  async function left(
    lock: { seq: number; req?: string; ageMs?: number },
    part = countToFive,
  ): Promise<EntityKey<Job>> {
    const key = application.job(part);
    const seconds = String(Math.floor((application.clock.now() - (lock.ageMs ?? minute)) / 1_000));
    const properties = {
      lock_ts: { timestampValue: { seconds, nanos: 123_456_000 } },
      lock_req: { stringValue: lock.req ?? '' },
      lock_seq: integer(lock.seq),
      lock_try: integer(0),
      count: integer(lock.seq - 1),
    };
    await application.emulator.datastore.commit({
      projectId,
      mode: 'NON_TRANSACTIONAL',
      mutations: [{ upsert: { key: keyToProto(key), properties } }],
    });
    return key;
  }

  /** The task as Go made it: no run, the legacy key, form parameters. */
  async function deliverGos(key: Key, step: number) {
    const [legacy] = await application.datastore.keyToLegacyUrlSafe(key, 's~');
    const headers = { 'x-lock-key': legacy, 'x-lock-run': undefined };
    return application.deliver({ key, run: '', step, task: 'one', body: { by: 'go' }, headers });
  }

  const adopt = (patience = '1m') =>
    application.locker.adopt(Job, () => ({ task: 'one', body: { by: 'adopted' } }), { patience });
  const sweep = async () => (await application.locker.recover())[0];
  const counted = async (key: EntityKey<Job>) => (await application.locker.get(key))?.count;

  it('finds what is ready, held and parked, and leaves alone what is over', async () => {
    await left({ seq: 3 });
    await left({ seq: 3, req: 'go-request', ageMs: 60 * minute });
    await left({ seq: 0 });
    await left({ seq: -1 });
    await application.locker.schedule(application.job(), new Job(), 'one', { delay: '1h' });
    expect(await adopt()).toEqual({ seen: 4, adopted: 3, over: 1, left: 0, failed: 0 });
    expect(await adopt()).toEqual({ seen: 4, adopted: 0, over: 1, left: 3, failed: 0 });
  });

  it('changes nothing of an entity but its lock', async () => {
    const key = await left({ seq: 3 });
    const before = await application.proto(key);
    await adopt();
    const { properties } = (await application.proto(key)) ?? {};
    expect(properties?.['count']).toEqual(before?.properties?.['count']);
    expect(properties?.['lock_seq']).toMatchObject({ integerValue: '3' });
    expect(properties?.['lock_run']).toBeUndefined();
    expect(properties?.['lock_due']?.stringValue).toMatch(/^[0-7]:20/);
  });

  it('has a chain whose task is lost go on, once the Go task has had its time', async () => {
    const key = await left({ seq: 3 });
    await adopt('5m');
    await application.clock.advance(4 * minute);
    expect(await sweep()).toMatchObject({ dispatched: 0, owing: true });
    await application.clock.advance(minute);
    expect(await sweep()).toMatchObject({ seen: 1, dispatched: 1 });
    await application.emulator.drain();
    expect(application.script.summary(key)).toEqual(['one 3/1', 'one 4/1', 'one 5/1']);
    expect(await counted(key)).toBe(5);
    expect(await application.lock(key)).toMatchObject({ state: 'completed' });
    expect((await deliverGos(key, 3)).body).toMatchObject({ outcome: 'stale' });
  });

  it('has a chain begin that waited for its first task', async () => {
    const key = await left({ seq: 0 });
    await adopt();
    await application.clock.advance(minute);
    await sweep();
    await application.emulator.drain();
    expect(application.script.summary(key)[0]).toBe('one 0/1');
    expect(await application.lock(key)).toMatchObject({ state: 'completed' });
  });

  it('has a holder of the Go application taken over at its timeout, not before', async () => {
    const key = await left({ seq: 3, req: 'go-request', ageMs: minute });
    await adopt();
    await application.clock.advance(9 * minute);
    expect(await sweep()).toMatchObject({ dispatched: 0 });
    await application.clock.advance(minute);
    expect(await sweep()).toMatchObject({ taken: 1 });
    await application.emulator.drain();
    expect(application.script.summary(key)[0]).toBe('one 3/2');
    expect(await application.lock(key)).toMatchObject({ state: 'completed' });
  });

  it('lets the task of Go go first, with its own parameters, and drops ours', async () => {
    const bodies: unknown[] = [];
    const key = await left({ seq: 3 }, (_, lease, body) => {
      bodies.push(body);
      if (lease.attempt === 1) throw new Error('broken');
    });
    await adopt();
    await application.clock.advance(minute);
    application.emulator.faults.hold();
    await sweep();
    expect((await deliverGos(key, 3)).status).toBe(500);
    expect((await application.lock(key)).task).toMatchObject({ body: '{"by":"go"}' });
    application.emulator.faults.release();
    await application.emulator.drain();
    // Not once more by the task that the sweep made.
    expect(bodies).toEqual([{ by: 'go' }, { by: 'go' }]);
  });

  it('leaves as they are those that others will wake', async () => {
    const key = await left({ seq: 3 });
    const before = await application.proto(key);
    const report = await application.locker.adopt(Job, (job) =>
      job.lock.step === 3 ? undefined : { task: 'one' },
    );
    expect(report).toMatchObject({ adopted: 0, left: 1 });
    expect(await application.proto(key)).toEqual(before);
  });

  it('reports what it cannot adopt, and goes on', async () => {
    await left({ seq: 3 });
    await left({ seq: 4 });
    const report = await application.locker.adopt(Job, (job) => ({
      task: job.lock.step === 3 ? 'unheard-of' : 'one',
    }));
    expect(report).toMatchObject({ adopted: 1, failed: 1 });
    expect(application.logged('error')).toEqual([expect.stringContaining('could not be adopted')]);
  });

  it('goes through more than a page', async () => {
    for (let index = 0; index < 130; index++) await left({ seq: 3 });
    expect(await adopt()).toMatchObject({ seen: 130, adopted: 130 });
  });

  it('refuses a namespace whose tasks would be dropped', async () => {
    const adopted = application.locker.adopt(Job, () => undefined, { namespaces: ['other'] });
    await expect(adopted).rejects.toThrow('namespace "other" is none of the option namespaces');
  });

  it('refuses a patience that is no duration', async () => {
    await expect(adopt('soon')).rejects.toThrow('patience is soon; expected a duration');
  });
});
