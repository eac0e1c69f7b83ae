import type { Key } from '@google-cloud/datastore';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keyToProto } from '../../lib/datastore/keys.js';
import type { ValueProto } from '../../lib/google/datastore-api.js';
import { adapters, Application, projectId } from '../support/application.js';
import { headersOf, post } from '../support/delivery.js';
import { Job } from '../support/jobs.js';

const hidden = { excludeFromIndexes: true };
const text = (stringValue: string): ValueProto => ({ stringValue, ...hidden });
const integer = (value: number): ValueProto => ({ integerValue: String(value), ...hidden });

const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const keyOf = (path: unknown[][], changes: object = {}) =>
  json({ v: 1, project: projectId, database: '', namespace: '', path, ...changes });

/** Headers that make a task unreadable, and what the alert says of it. */
const unreadable: [string, Record<string, string | undefined>, string][] = [
  ['no key', { 'x-lock-key': undefined }, 'X-Lock-Key cannot be read: it is missing'],
  ['an empty key', { 'x-lock-key': '' }, 'it is missing'],
  ['a garbled key', { 'x-lock-key': '%%%' }, 'it is not base64url'],
  ['a key of noise', { 'x-lock-key': 'AAAA' }, 'it is cut off'],
  ["a key that is neither ours nor App Engine's", { 'x-lock-key': 'CAFF' }, 'cannot be read'],
  ['a key that is cut off', { 'x-lock-key': 'agtzf' }, 'cannot be read'],
  ['a non-ASCII key', { 'x-lock-key': 'schl\u00fcssel' }, 'it is not base64url'],
  ['a key of 10,000 bytes', { 'x-lock-key': 'e'.repeat(10_000) }, 'cannot be read'],
  ['a key that is no JSON', { 'x-lock-key': Buffer.from('{x').toString('base64url') }, 'JSON'],
  ['a key of a later format', { 'x-lock-key': keyOf([['Job', 'id', '1']], { v: 2 }) }, 'version'],
  ['a key without path', { 'x-lock-key': keyOf([]) }, 'the path is malformed'],
  ['an incomplete key', { 'x-lock-key': keyOf([['Job']]) }, 'the path is malformed'],
  ['an id of 0', { 'x-lock-key': keyOf([['Job', 'id', '0']]) }, 'the path is malformed'],
  ['an id as number', { 'x-lock-key': keyOf([['Job', 'id', 5]]) }, 'the path is malformed'],
  ['an id over 2^63', { 'x-lock-key': keyOf([['Job', 'id', '9223372036854775808']]) }, 'malformed'],
  ['a name of 1,501 bytes', { 'x-lock-key': keyOf([['Job', 'name', 'x'.repeat(1_501)]]) }, 'malf'],
  [
    'a path of 101 parts',
    { 'x-lock-key': keyOf(Array.from({ length: 101 }, () => ['Job', 'id', '1'])) },
    'malf',
  ],
  [
    'a malformed namespace',
    { 'x-lock-key': keyOf([['Job', 'id', '1']], { namespace: 'a b' }) },
    'the namespace is malformed',
  ],
  ['two keys', { 'x-lock-key': 'AAAA, AAAA' }, 'it is not base64url'],
  ['another kind', { 'x-lock-key': keyOf([['Order', 'id', '1']]) }, 'its kind is "Order"'],
  [
    'another kind below the right one',
    {
      'x-lock-key': keyOf([
        ['Job', 'id', '1'],
        ['Order', 'id', '1'],
      ]),
    },
    'its kind is "Order"',
  ],
  [
    'another namespace',
    { 'x-lock-key': keyOf([['Job', 'id', '1']], { namespace: 'tenant' }) },
    'its namespace is "tenant"',
  ],
  [
    'another project',
    { 'x-lock-key': keyOf([['Job', 'id', '1']], { project: 'production' }) },
    'its project is "production"',
  ],
  [
    'another database',
    { 'x-lock-key': keyOf([['Job', 'id', '1']], { database: 'other' }) },
    'its database is "other"',
  ],
  ['no step', { 'x-lock-seq': undefined }, 'X-Lock-Seq cannot be read: it is missing'],
  ['a negative step', { 'x-lock-seq': '-1' }, 'it is not a count'],
  ['a step with a point', { 'x-lock-seq': '1.0' }, 'it is not a count'],
  ['a step with an exponent', { 'x-lock-seq': '1e0' }, 'it is not a count'],
  ['a hexadecimal step', { 'x-lock-seq': '0x1' }, 'it is not a count'],
  ['a huge step', { 'x-lock-seq': '9'.repeat(16) }, 'it is not a count'],
  ['a step in words', { 'x-lock-seq': 'one' }, 'it is not a count'],
  ['a non-ASCII step', { 'x-lock-seq': '\u00b9' }, 'it is not a count'],
  ['step 0 of a run', { 'x-lock-seq': '0' }, 'steps count from 1'],
  ['two steps', { 'x-lock-seq': '1, 1' }, 'it is not a count'],
  ['a garbled run', { 'x-lock-run': 'x' }, 'it is not a run id'],
  ['a run in capitals', { 'x-lock-run': 'A'.repeat(32) }, 'it is not a run id'],
  ['two runs', { 'x-lock-run': `${'a'.repeat(32)}, ${'a'.repeat(32)}` }, 'it is not a run id'],
  ['a negative number', { 'x-lock-dispatch': '-1' }, 'it is not a count'],
  ['a number in words', { 'x-lock-dispatch': 'two' }, 'it is not a count'],
];

describe.each(adapters)('on %s', (adapter) => {
  let application: Application;
  let key: Key;
  let run: string;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
    ({ key, run } = await application.startHeld());
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  const expectUntouched = async (before: unknown) => {
    expect(await application.proto(key)).toEqual(before);
    expect(application.script.calls).toEqual([]);
  };

  it.each(unreadable)(
    'a task with %s is dropped before anything is read, and somebody is told',
    async (_, headers, message) => {
      application.emulator.faults.hold();
      const before = await application.proto(key);
      const wire = application.listen();
      const answer = await application.deliver({ key, run, step: 1, task: 'one', headers });
      wire.close();
      expect(answer).toMatchObject({ status: 200, body: { outcome: 'unreadable' } });
      expect(wire.methods).toEqual([]);
      expect(application.alerts).toMatchObject([{ type: 'unreadable' }]);
      expect(application.alerts[0]?.message).toContain(message);
      expect(application.alerts[0]?.message).toContain('A task of "one" was dropped.');
      expect(application.alerts[0]?.message.length).toBeLessThan(600);
      await expectUntouched(before);
    },
  );

  it('a request that names no queue is refused, and learns nothing', async () => {
    const before = await application.proto(key);
    const headers = { 'x-cloudtasks-queuename': undefined };
    const wire = application.listen();
    const answer = await application.deliver({ key, run, step: 1, task: 'one', headers });
    wire.close();
    expect(answer).toMatchObject({ status: 400, body: { outcome: 'refused' } });
    expect(wire.methods).toEqual([]);
    expect(application.alerts).toEqual([]);
    await expectUntouched(before);
  });

  it('what is dropped is in the error log, where nobody says otherwise', async () => {
    const quiet = await Application.ofJobs({
      adapter,
      beside: application,
      options: { alerter: undefined, verbose: false },
    });
    const headers = { 'x-lock-seq': 'one' };
    await quiet.deliver({ key, run, step: 1, task: 'one', headers });
    await quiet.stop();
    const line = quiet.logger.lines.find(({ level }) => level === 'error');
    expect(line?.message).toContain('X-Lock-Seq ("one") cannot be read');
    expect(line?.fields).toMatchObject({ type: 'unreadable', id: 'unreadable:forged' });
  });

  it.each(['GET', 'PUT', 'DELETE'])('%s finds no route', async (method) => {
    const { status } = await fetch(`${application.baseUrl}/tasks/one`, { method });
    expect(status).toBe(404);
  });

  it.each([
    ['a header of 1 MB', 431, { 'x-lock-key': 'e'.repeat(1_000_000) }, '{}'],
    ['a body that is no JSON', 400, {}, '{"amount":'],
    ['a body of 1 MB', 413, {}, JSON.stringify('x'.repeat(1_500_000))],
  ])('%s is answered %i, and nothing is stored', async (_, status, headers, body) => {
    const before = await application.proto(key);
    const own = headersOf({ key, run, step: 1, task: 'one', headers }, projectId);
    // Node hangs up on a header that is too long, at times before its answer is read.
    const answer = await post(`${application.baseUrl}/tasks/one`, own, body).then(
      (response) => response.status,
      () => 431,
    );
    expect(answer).toBe(status);
    await expectUntouched(before);
    // Node itself refuses long headers, before there is a request.
    const told = application.logger.lines.filter(({ message }) =>
      message.includes('before it came'),
    );
    expect(told.length > 0 || status === 431).toBe(true);
    application.logger.lines.length = 0;
  });

  it('a task of an entity that was deleted meanwhile is dropped', async () => {
    const { emulator, locker, datastore } = application;
    emulator.faults.hold();
    const gone = application.job();
    const scheduled = await locker.schedule(gone, new Job(), 'one');
    await datastore.delete(gone);
    const delivery = { key: gone, run: scheduled.run, step: 1, task: 'one' };
    expect(await application.deliver(delivery)).toMatchObject({
      status: 200,
      body: { outcome: 'stale', reason: 'nothing was scheduled' },
    });
    expect(await application.proto(gone)).toBeUndefined();
    expect(application.logged('log')).toContainEqual(expect.stringContaining('Dropped a task'));
  });

  it('an entity that is deleted while its handler runs is lost, and not created anew', async () => {
    const { locker, datastore, emulator } = application;
    emulator.faults.hold();
    const gone = application.job(async (job) => {
      await datastore.delete(gone);
      job.count = 1;
    });
    const { run: id } = await locker.schedule(gone, new Job(), 'one');
    const answer = await application.deliver({ key: gone, run: id, step: 1, task: 'one' });
    expect(answer).toMatchObject({ status: 409, body: { outcome: 'lost' } });
    expect(await application.proto(gone)).toBeUndefined();
    application.script.calls.length = 0;
  });

  it.each<[string, Record<string, ValueProto>]>([
    ['lock_seq', { lock_seq: text('one') }],
    ['lock_seq', { lock_seq: { doubleValue: 1.5 } }],
    ['lock_try', { lock_try: text('') }],
    ['lock_ts', { lock_ts: integer(5) }],
    ['lock_req', { lock_req: integer(5) }],
    ['lock_run', { lock_run: integer(5) }],
    ['lock_due', { lock_due: integer(5) }],
    ['lock_task', { lock_task: text('{') }],
    ['lock_task', { lock_task: text('{"v":2}') }],
    ['lock_task', { lock_task: text('{"v":1,"name":5}') }],
    ['lock_by', { lock_by: text('[]x') }],
    ['lock_end', { lock_end: text('over') }],
    ['lock_log', { lock_log: integer(5) }],
  ])('nothing runs on a lock whose %s is damaged (%j)', async (property, damage) => {
    const { emulator } = application;
    emulator.faults.hold();
    const damaged = application.job();
    const { run: id } = await application.locker.schedule(damaged, new Job(), 'one');
    const stored = await application.proto(damaged);
    const upsert = { ...stored, properties: { ...stored?.properties, ...damage } };
    const mutations = [{ upsert }];
    await emulator.datastore.commit({ projectId, mode: 'NON_TRANSACTIONAL', mutations });
    const before = await application.proto(damaged);
    const answer = await application.deliver({ key: damaged, run: id, step: 1, task: 'one' });
    expect(answer).toMatchObject({ status: 500, body: { outcome: 'UNREADABLE_LOCK' } });
    expect(JSON.stringify(answer.body)).toContain(`property ${property} is damaged`);
    expect(application.logged('warn')).toContainEqual(expect.stringContaining(property));
    await expect(application.locker.schedule(damaged, new Job(), 'one')).rejects.toMatchObject({
      code: 'UNREADABLE_LOCK',
    });
    expect(await application.proto(damaged)).toEqual(before);
    expect(application.script.of(damaged)).toEqual([]);
  });
});

/** Entities as the Go library writes them, and tasks as it sends them. */
describe.each(adapters)('an entity of the Go library on %s', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
  });
  afterEach(() => application.reset());
  afterAll(() => application.stop());

  const write = async (lock: { seq: number; req?: string; tries?: number; age?: number }) => {
    const { emulator, clock } = application;
    emulator.faults.hold();
    const key = application.job((job, lease) => {
      job.count += 1;
      return lease.step < 3 && lease.next('two');
    });
    const seconds = String(Math.floor((clock.now() - (lock.age ?? 0)) / 1_000));
    const properties = {
      lock_ts: { timestampValue: { seconds, nanos: 123_456_000 } },
      lock_req: text(lock.req ?? ''),
      lock_seq: integer(lock.seq),
      lock_try: integer(lock.tries ?? 0),
      count: integer(5),
    };
    await emulator.datastore.commit({
      projectId,
      mode: 'NON_TRANSACTIONAL',
      mutations: [{ upsert: { key: keyToProto(key), properties } }],
    });
    return key;
  };

  /** The legacy key, with the quotes that its JSON had. */
  const deliver = async (key: Key, step: number, body: unknown = {}) => {
    const [legacy] = await application.datastore.keyToLegacyUrlSafe(key, 's~');
    return application.deliver({
      key,
      run: '',
      step,
      task: 'one',
      body,
      headers: { 'x-lock-key': `"${legacy}"`, 'x-lock-run': undefined },
    });
  };

  it('is taken over in place: it gets a run at its first settle, and goes on as one of ours', async () => {
    const key = await write({ seq: 2 });
    expect(await deliver(key, 2)).toMatchObject({ status: 200, body: { outcome: 'advanced' } });
    const lock = await application.lock(key);
    expect(lock).toMatchObject({ step: 3, state: 'ready', task: { name: 'two' } });
    expect(lock.run).toMatch(/^[0-9a-f]{32}$/);
    expect(lock.due).toBeDefined();
    // The redelivery of the Go task is of no run, and over.
    expect(await deliver(key, 2)).toMatchObject({ body: { outcome: 'stale' } });
    application.emulator.faults.release();
    await application.emulator.drain();
    expect(await application.locker.get(key as never)).toMatchObject({
      count: 7,
      lock: { state: 'completed', run: lock.run },
    });
  });

  it('that waits for its first task, at step 0, begins', async () => {
    const key = await write({ seq: 0 });
    expect(await deliver(key, 0)).toMatchObject({ body: { outcome: 'advanced' } });
    expect(await application.lock(key)).toMatchObject({ step: 1, state: 'ready' });
  });

  it('keeps its task through a failed attempt, though the Go library stored none', async () => {
    const key = await write({ seq: 3 });
    application.script.set(key, (_, lease) => {
      if (lease.attempt === 1) throw new Error('broken');
    });
    expect((await deliver(key, 3, { amount: 3 })).status).toBe(500);
    expect(await application.lock(key)).toMatchObject({
      state: 'ready',
      step: 3,
      tries: 1,
      task: { name: 'one', queue: 'default', body: '{"amount":3}' },
    });
    application.emulator.faults.release();
    await application.emulator.drain();
    expect(application.script.summary(key)).toEqual(['one 3/1', 'one 3/2']);
  });

  it.each([
    ['is completed', { seq: -1 }, 3, 'stale'],
    ['is further', { seq: 4 }, 3, 'stale'],
    ['is behind', { seq: 2 }, 3, 'ahead'],
    ['is held', { seq: 3, req: 'go-request', age: 600_000 }, 3, 'busy'],
  ])('runs nothing when it %s', async (_, lock, step, outcome) => {
    const key = await write(lock);
    const before = await application.proto(key);
    expect(await deliver(key, step)).toMatchObject({ body: { outcome } });
    expect(await application.proto(key)).toEqual(before);
    expect(application.script.of(key)).toEqual([]);
  });

  it('is taken from a Go holder at its timeout', async () => {
    const key = await write({ seq: 3, req: 'go-request', age: 631_000 });
    expect(await deliver(key, 3)).toMatchObject({ body: { outcome: 'completed' } });
    expect(application.script.summary(key)).toEqual(['one 3/2']);
    expect(application.alerts).toMatchObject([{ type: 'taken-over', step: 3 }]);
  });

  it('of another project, or in a namespace of none of ours, is refused by its legacy key too', async () => {
    const other = application.datastore.key({ path: ['Job', 1], namespace: 'tenant' });
    const [legacy] = await application.datastore.keyToLegacyUrlSafe(other, 's~');
    const delivery = { key: other, run: '', step: 1, task: 'one' };
    const answer = await application.deliver({ ...delivery, headers: { 'x-lock-key': legacy } });
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'unreadable' } });
    expect(application.alerts[0]?.message).toContain('its namespace is "tenant"');
  });
});
