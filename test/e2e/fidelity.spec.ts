import type { Key } from '@google-cloud/datastore';
import { Datastore, type v1 } from '@google-cloud/datastore';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keyToProto } from '../../lib/datastore/keys.js';
import { isLockProperty } from '../../lib/datastore/lock-properties.js';
import type { ValueProto } from '../../lib/google/datastore-api.js';
import { adapters, Application, projectId } from '../support/application.js';
import { Job, type Part } from '../support/jobs.js';
import { rawClient } from '../support/raw-client.js';

const unindexed = { excludeFromIndexes: true };
const partitionId = { projectId, namespaceId: '' };

/** Every type of value that Datastore has, in the forms that a client is tempted to change. */
const everything: Record<string, ValueProto> = {
  count: { integerValue: '1' },
  wholeDouble: { doubleValue: 1 },
  fraction: { doubleValue: 1.5 },
  negativeZero: { doubleValue: -0 },
  infinite: { doubleValue: Infinity },
  notANumber: { doubleValue: NaN },
  large: { integerValue: '9007199254740993' },
  largest: { integerValue: '9223372036854775807' },
  smallest: { integerValue: '-9223372036854775808' },
  microseconds: { timestampValue: { seconds: '1700000000', nanos: 123_456_000 } },
  before1970: { timestampValue: { seconds: '-1', nanos: 999_999_000 } },
  year1: { timestampValue: { seconds: '-62135596800', nanos: 0 } },
  text: { stringValue: 'naïve ☃' },
  empty: { stringValue: '' },
  hidden: { stringValue: 'x'.repeat(2_000), ...unindexed },
  hiddenNumber: { doubleValue: 2, ...unindexed },
  // A text of App Engine, which no index may hold.
  meaningful: { stringValue: 'https://example.com', meaning: 15, ...unindexed },
  nothing: { nullValue: 'NULL_VALUE' },
  hiddenNothing: { nullValue: 'NULL_VALUE', ...unindexed },
  yes: { booleanValue: true },
  no: { booleanValue: false },
  blob: { blobValue: Buffer.from([0, 255, 128]), ...unindexed },
  noBytes: { blobValue: Buffer.alloc(0) },
  place: { geoPointValue: { latitude: 52.5, longitude: -13.4 } },
  key: {
    keyValue: {
      partitionId,
      path: [
        { kind: 'Shop', name: 'a/b' },
        { kind: 'Order', id: '7' },
      ],
    },
  },
  keyElsewhere: {
    keyValue: {
      partitionId: { projectId: 'another', namespaceId: 'tenant' },
      path: [{ kind: 'Shop', id: '9007199254740993' }],
    },
  },
  list: {
    arrayValue: {
      values: [
        { doubleValue: 3 },
        { integerValue: '3' },
        { nullValue: 'NULL_VALUE' },
        { entityValue: { properties: { n: { doubleValue: 1, ...unindexed } } } },
        // Where Google's Datastore emulator moves what no index holds.
        { stringValue: 'hidden', ...unindexed },
      ],
    },
  },
  noList: { arrayValue: { values: [] } },
  nested: {
    entityValue: {
      key: { partitionId, path: [{ kind: 'Address', name: 'x' }] },
      properties: {
        city: { stringValue: 'Köln', ...unindexed },
        floor: { doubleValue: 2 },
        deeper: {
          entityValue: {
            properties: { since: { timestampValue: { seconds: '1', nanos: 1_000 } } },
          },
        },
      },
    },
    ...unindexed,
  },
  'odd name.with:signs': { integerValue: '1' },
  lock: { stringValue: "a property of the application's own" },
};

/** Names of what is different. */
const difference = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );

describe.each(adapters)('an entity on %s', (adapter) => {
  let application: Application;
  let raw: v1.DatastoreClient;
  beforeAll(async () => {
    application = await Application.ofJobs({ adapter });
    raw = rawClient(application.emulator.datastoreHost, projectId);
  });
  afterEach(() => application.reset());
  afterAll(async () => {
    await raw.close();
    await application.stop();
  });

  const write = (key: Key, properties: Record<string, ValueProto>) =>
    raw.commit({
      projectId,
      mode: 'NON_TRANSACTIONAL',
      mutations: [{ upsert: { key: keyToProto(key), properties } }],
    });

  /** What is stored without the lock, byte for byte as it comes over the wire. */
  const read = async (key: Key): Promise<Record<string, unknown>> => {
    const [{ found }] = await raw.lookup({ projectId, keys: [keyToProto(key)] });
    const properties = Object.entries(found?.[0]?.entity?.properties ?? {});
    return Object.fromEntries(properties.filter(([name]) => !isLockProperty(name)));
  };

  /** Stores properties, starts a run on them, and runs its first step. */
  const run = async (properties: Record<string, ValueProto>, part: Part) => {
    const key = application.job(part);
    await write(key, properties);
    const before = await read(key);
    const job = await application.locker.get(key);
    application.emulator.faults.hold();
    const { run: id } = await application.locker.schedule(key, job ?? new Job(), 'one');
    expect(difference(before, await read(key))).toEqual([]);
    const answer = await application.deliver({ key, run: id, step: 1, task: 'one' });
    return { key, before, after: await read(key), run: id, answer };
  };

  it('keeps every property as it is through acquire, release, acquire and advance', async () => {
    const key = application.job(async (job, lease) => {
      if (lease.attempt === 1) throw new Error('first');
      job.count += 1;
      await lease.next('two');
    });
    await write(key, everything);
    const before = await read(key);
    expect(Object.keys(before)).toHaveLength(Object.keys(everything).length);
    application.emulator.faults.hold();
    const job = await application.locker.get(key);
    const { run: id } = await application.locker.schedule(key, job ?? new Job(), 'one');
    const first = { key, run: id, step: 1, task: 'one' };
    expect((await application.deliver(first)).status).toBe(500);
    expect(difference(before, await read(key))).toEqual([]);
    expect((await application.deliver({ ...first, number: 1 })).body).toMatchObject({
      outcome: 'advanced',
    });
    const after = await read(key);
    expect(difference(before, after)).toEqual(['count']);
    expect(after['count']).toMatchObject({ integerValue: '2', excludeFromIndexes: false });
    await application.deliver({ key, run: id, step: 2, task: 'two' });
    await application.locker.update(key, () => undefined);
    expect(difference(before, await read(key))).toEqual(['count']);
  });

  it('written by the official client keeps its properties too', async () => {
    const { datastore, locker, emulator } = application;
    const key = application.job();
    const data = {
      double: Datastore.double(1),
      int: Datastore.int('9007199254740993'),
      when: new Date(1_700_000_000_123),
      tags: ['a', 'b'],
      text: 'x'.repeat(1_600),
      inner: { secret: 'x', at: Datastore.geoPoint({ latitude: 1, longitude: 2 }) },
      key: datastore.key(['Shop', 'main', 'Order', Datastore.int('9007199254740993')]),
    };
    await datastore.save({ key, data, excludeFromIndexes: ['text', 'inner.secret', 'tags[]'] });
    const before = await read(key);
    await locker.schedule(key, (await locker.get(key)) ?? new Job(), 'one');
    await emulator.drain();
    expect(difference(before, await read(key))).toEqual([]);
    expect((await locker.get(key))?.lock.state).toBe('completed');
  });

  it('is given to its handler decoded, with all digits', async () => {
    let seen: Record<string, unknown> = {};
    await run(everything, (job) => {
      seen = Object.fromEntries(Object.entries(job));
    });
    expect(seen).toMatchObject({
      wholeDouble: 1,
      negativeZero: -0,
      infinite: Infinity,
      notANumber: NaN,
      large: 9_007_199_254_740_993n,
      smallest: -9_223_372_036_854_775_808n,
      microseconds: new Date(1_700_000_000_123),
      before1970: new Date(-1),
      blob: Buffer.from([0, 255, 128]),
      nothing: null,
      list: [3, 3, null, { n: 1 }, 'hidden'],
      noList: [],
      nested: { city: 'Köln', floor: 2, deeper: { since: new Date(1_000) } },
      'odd name.with:signs': 1,
    });
    expect(Datastore.isKey(seen['key'] as object)).toBe(true);
    expect(Datastore.isGeoPoint(seen['place'] as object)).toBe(true);
    expect(seen['lock']).toMatchObject({ state: 'held' });
  });

  it('keeps kind of number, index flag and place when a handler changes a value', async () => {
    const { before, after } = await run(everything, (job) => {
      Object.assign(job, {
        wholeDouble: 2,
        hidden: 'shorter',
        hiddenNumber: 3,
        list: [4, 3, null, { n: 2 }, 'other'],
        nested: { city: 'Bonn', floor: 3, deeper: { since: new Date(1_000) } },
      });
    });
    expect(difference(before, after).toSorted()).toEqual([
      'hidden',
      'hiddenNumber',
      'list',
      'nested',
      'wholeDouble',
    ]);
    expect(after).toMatchObject({
      wholeDouble: { doubleValue: 2 },
      hidden: { stringValue: 'shorter', ...unindexed },
      hiddenNumber: { doubleValue: 3, ...unindexed },
      list: {
        arrayValue: {
          values: [
            { doubleValue: 4 },
            { integerValue: '3' },
            {},
            { entityValue: { properties: { n: { doubleValue: 2, ...unindexed } } } },
            { stringValue: 'other', ...unindexed },
          ],
        },
      },
      nested: {
        entityValue: {
          key: { path: [{ kind: 'Address' }] },
          properties: {
            city: { stringValue: 'Bonn', ...unindexed },
            floor: { doubleValue: 3 },
            deeper: {
              entityValue: { properties: { since: { timestampValue: { nanos: 1_000 } } } },
            },
          },
        },
        ...unindexed,
      },
    });
  });

  it('is stored under the names and outside the indexes that its class declares', async () => {
    const { after } = await run({ stored_as: { stringValue: 'old' } }, (job) => {
      expect(job.renamed).toBe('old');
      job.renamed = 'new';
      job.note = 'short';
    });
    expect(after).toMatchObject({
      stored_as: { stringValue: 'new', excludeFromIndexes: false },
      note: { stringValue: 'short', ...unindexed },
    });
    expect(after).not.toHaveProperty('renamed');
  });

  it('is not refused for a long text: that is stored outside the indexes, and said once', async () => {
    const long = 'ü'.repeat(751);
    const part: Part = (job) => {
      Object.assign(job, { essay: long, list: ['short', long], fits: 'x'.repeat(1_500) });
    };
    const { after, answer } = await run({}, part);
    expect(answer).toMatchObject({ status: 200 });
    expect(after).toMatchObject({
      essay: { stringValue: long, ...unindexed },
      list: { arrayValue: { values: [unindexed, unindexed] } },
      fits: { excludeFromIndexes: false },
    });
    await run({}, part);
    const lines = application.logged('warn').filter((line) => line.includes('Job.essay'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('1,500 bytes');
  });

  it('loses what its handler removes, and nothing that the class has merely a default for', async () => {
    const { key, after } = await run(
      { stranger: { integerValue: '1' }, gone: { integerValue: '1' }, note: { stringValue: 'n' } },
      (job) => {
        expect(job.trail).toEqual([]);
        Reflect.deleteProperty(job, 'gone');
        delete job.note;
      },
    );
    // Defaults that nobody touched are not written.
    expect(Object.keys(after)).toEqual(['stranger']);
    expect(await application.locker.get(key)).toMatchObject({ count: 0, stranger: 1 });
  });

  it('gets a default of its class once the handler changes it, and no conflict is seen in that', async () => {
    const { after } = await run({ stranger: { integerValue: '1' } }, async (job, lease) => {
      job.count += 1;
      await lease.save();
      job.count += 1;
    });
    expect(after['count']).toMatchObject({ integerValue: '2' });
    expect(application.logged('warn').filter((line) => line.includes('replaced'))).toEqual([]);
  });

  it('keeps what others write meanwhile; on the same property the handler wins, which is logged', async () => {
    const { after, key } = await run(
      { count: { integerValue: '1' }, theirs: { integerValue: '1' }, both: { integerValue: '1' } },
      async (job, lease) => {
        await application.locker.update(lease.key, (rival) => {
          Object.assign(rival, { theirs: 2, both: 2, added: 'x' });
        });
        job.count = 5;
        Object.assign(job, { both: 3 });
      },
    );
    expect(after).toMatchObject({
      count: { integerValue: '5' },
      theirs: { integerValue: '2' },
      added: { stringValue: 'x' },
      both: { integerValue: '3' },
    });
    const line = application.logger.lines.find(({ message }) => message.includes('replaced'));
    expect(line).toMatchObject({ level: 'warn', fields: { properties: ['both'] } });
    expect((await application.lock(key)).state).toBe('completed');
  });

  it('is replaced by a new object, lock and history aside, and changed by one that was read', async () => {
    const { key, run: id } = await run(
      { stranger: { integerValue: '1' }, note: { stringValue: 'old', ...unindexed } },
      () => undefined,
    );
    const fresh = new Job();
    fresh.count = 4;
    const { run: second } = await application.locker.schedule(key, fresh, 'one');
    expect(second).not.toBe(id);
    expect(Object.keys(await read(key)).toSorted()).toEqual(['count', 'trail']);
    await application.deliver({ key, run: second, step: 1, task: 'one' });
    const known = await application.locker.get(key);
    await application.locker.update(key, (job) => {
      job.trail = ['rival'];
    });
    if (known) known.count = 6;
    await application.locker.schedule(key, known ?? new Job(), 'one');
    expect(await application.locker.get(key)).toMatchObject({ count: 6, trail: ['rival'] });
  });
});
