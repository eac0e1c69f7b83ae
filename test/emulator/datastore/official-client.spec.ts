import { Datastore, PropertyFilter, and, or, type Key } from '@google-cloud/datastore';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EntityFilter } from '@google-cloud/datastore/build/src/filter.js';
import { type Emulator, startEmulator } from 'nestjs-datastore-locker/emulator';
import { Status } from '../../../lib/google/status.js';
import { modes } from './engine.js';

const numbersIn = (found: { n: number }[]) => found.map(({ n }) => n);

/** The numbers of the entities that the filter finds, ascending. */
async function numbersOf(datastore: Datastore, filter: EntityFilter) {
  const [found] = await datastore.runQuery(datastore.createQuery('Order').filter(filter));
  return numbersIn(found).toSorted((a, b) => a - b);
}

const is = (op: '<' | '>=' | 'IN' | '!=', value: unknown) => new PropertyFilter('n', op, value);

describe.each(modes)('the official client, %s', { timeout: 30_000 }, (concurrency) => {
  let emulator: Emulator;
  let datastore: Datastore;
  let namespaces = 0;
  let key: (...path: (string | number)[]) => Key;
  /** Whatever the test has in its namespace. */
  let namespace: string;

  beforeAll(async () => {
    emulator = await startEmulator({ concurrency });
  });
  afterAll(() => emulator.stop());
  beforeEach(() => {
    namespace = `n${namespaces++}`;
    datastore = new Datastore({ projectId: 'p1', apiEndpoint: emulator.datastoreHost, namespace });
    key = (...path) => datastore.key(path);
  });

  it('saves and gets every type that it knows', async () => {
    const data = {
      text: 'é',
      whole: 5,
      float: Datastore.double(1),
      half: 0.5,
      yes: true,
      nothing: null,
      at: new Date(1_234_567),
      bytes: Buffer.from([0, 255]),
      point: Datastore.geoPoint({ latitude: 1, longitude: -2 }),
      key: key('Other', 'x'),
      list: [1, 'a', null],
      inner: { deep: { x: 1 } },
    };
    await datastore.save({ key: key('Order', 1), data });

    expect(await datastore.get(key('Order', 1))).toMatchObject([
      {
        ...data,
        float: 1,
        point: { latitude: 1, longitude: -2 },
        key: { path: ['Other', 'x'] },
      },
    ]);
  });

  it('inserts, updates, upserts, merges and deletes', async () => {
    await datastore.insert({ key: key('Order', 1), data: { a: 1 } });
    await expect(datastore.insert({ key: key('Order', 1), data: {} })).rejects.toMatchObject({
      code: Status.ALREADY_EXISTS,
    });
    await expect(datastore.update({ key: key('Order', 2), data: {} })).rejects.toMatchObject({
      code: Status.NOT_FOUND,
    });
    await datastore.update({ key: key('Order', 1), data: { a: 2 } });
    await datastore.upsert({ key: key('Order', 3), data: { a: 3 } });
    await datastore.merge({ key: key('Order', 1), data: { b: 2 } });
    await datastore.delete(key('Order', 3));

    expect(await datastore.get([key('Order', 1), key('Order', 2), key('Order', 3)])).toMatchObject([
      [{ a: 2, b: 2 }],
    ]);
  });

  it('completes incomplete keys and allocates ids', async () => {
    const incomplete = key('Order');
    await datastore.save({ key: incomplete, data: { a: 1 } });
    const [keys] = await datastore.allocateIds(key('Order'), 3);

    expect(Number(incomplete.id)).toBeGreaterThan(0);
    expect(new Set([incomplete.id, ...keys.map(({ id }) => id)]).size).toBe(4);
    expect(await datastore.get(incomplete)).toMatchObject([{ a: 1 }]);
  });

  it('applies transforms', async () => {
    await datastore.save({ key: key('Order', 1), data: { n: 5 } });
    await datastore.save({
      key: key('Order', 1),
      data: { n: 5 },
      transforms: [
        { property: 'n', increment: 3 },
        { property: 'at', setToServerValue: true },
      ],
    });

    const [entity] = (await datastore.get(key('Order', 1))) as [object];
    expect(entity).toMatchObject({ n: 8 });
    expect(entity).toHaveProperty('at');
  });

  describe('with seven hundred entities', () => {
    beforeEach(async () => {
      const entities = Array.from({ length: 700 }, (_, n) => ({
        key: key('Order', n + 1),
        data: { n, even: n % 2 === 0, tags: [`t${n % 3}`, 'all'] },
      }));
      await datastore.save(entities.slice(0, 400));
      await datastore.save(entities.slice(400));
    });

    it('runs queries to their ends, and pages with cursors', async () => {
      const query = datastore.createQuery('Order').order('n', { descending: true });

      const [all] = await datastore.runQuery(query);
      const [page, info] = await datastore.runQuery(query.limit(500));
      const [rest] = await datastore.runQuery(
        datastore
          .createQuery('Order')
          .order('n', { descending: true })
          .start(info.endCursor ?? ''),
      );

      expect(all).toHaveLength(700);
      expect(info.moreResults).toBe(datastore.MORE_RESULTS_AFTER_LIMIT);
      expect([...numbersIn(page), ...numbersIn(rest)]).toEqual(numbersIn(all));
    });

    it('streams', async () => {
      let count = 0;
      const stream = datastore.runQueryStream(
        datastore.createQuery('Order').filter(new PropertyFilter('even', '=', true)),
      );
      stream.on('data', () => (count += 1));
      await once(stream, 'end');
      expect(count).toBe(350);
    });

    it('filters', async () => {
      expect(await numbersOf(datastore, and([is('>=', 5), is('<', 8)]))).toEqual([5, 6, 7]);
      expect(await numbersOf(datastore, is('IN', [3, 9]))).toEqual([3, 9]);
      expect(await numbersOf(datastore, or([is('<', 2), is('IN', [9])]))).toEqual([0, 1, 9]);
      expect(
        await numbersOf(datastore, and([new PropertyFilter('tags', '=', 't0'), is('<', 7)])),
      ).toEqual([0, 3, 6]);
      expect(await numbersOf(datastore, is('!=', 5))).toHaveLength(699);
    });

    it('selects keys and properties', async () => {
      const keys = datastore.createQuery('Order').select('__key__').limit(1);
      const projection = datastore.createQuery('Order').select(['n']).limit(2);

      const [[only]] = (await datastore.runQuery(keys)) as [[Record<symbol, Key>], object];
      expect(only).toEqual({ [datastore.KEY]: only[datastore.KEY] });
      expect(only[datastore.KEY]?.path).toEqual(['Order', '1']);
      expect((await datastore.runQuery(projection))[0]).toMatchObject([{ n: 0 }, { n: 1 }]);
    });

    it('aggregates', async () => {
      const query = datastore.createAggregationQuery(
        datastore.createQuery('Order').filter(new PropertyFilter('n', '<', 10)),
      );
      const [results] = await datastore.runAggregationQuery(
        query.count('count').sum('n', 'sum').average('n', 'average'),
      );
      expect(results).toEqual([{ count: 10, sum: 45, average: 4.5 }]);
    });
  });

  it.each([
    ['begun explicitly', true],
    ['begun by the first read', false],
  ])('runs transactions %s', async (_, begins) => {
    await datastore.save({ key: key('Order', 1), data: { n: 1 } });
    const transaction = datastore.transaction();
    if (begins) await transaction.run();
    const [entity] = (await transaction.get(key('Order', 1))) as [{ n: number }];
    transaction.save({ key: key('Order', 1), data: { n: entity.n + 1 } });
    transaction.insert({ key: key('Order', 2), data: { n: 7 } });

    await transaction.commit();

    expect((await datastore.get([key('Order', 1), key('Order', 2)]))[0]).toMatchObject([
      { n: 2 },
      { n: 7 },
    ]);
  });

  it('queries in transactions, and rolls them back', async () => {
    await datastore.save({ key: key('Order', 1), data: { n: 1 } });
    const transaction = datastore.transaction();
    await transaction.run();

    const [found] = await transaction
      .createQuery(namespace, 'Order')
      .filter(new PropertyFilter('n', '=', 1))
      .run();
    transaction.delete(key('Order', 1));
    await transaction.rollback();

    expect(found).toHaveLength(1);
    expect((await datastore.get(key('Order', 1)))[0]).toMatchObject({ n: 1 });
  });

  it('reads in read-only transactions', async () => {
    await datastore.save({ key: key('Order', 1), data: { n: 1 } });
    const transaction = datastore.transaction({ readOnly: true });
    await transaction.run();
    await transaction.get(key('Order', 1));
    await datastore.save({ key: key('Order', 1), data: { n: 2 } });

    expect((await transaction.get(key('Order', 1)))[0]).toMatchObject({ n: 1 });
    await transaction.commit();
  });

  it('tells the loser of a race that it was aborted', async () => {
    const racers = await Promise.all(
      [1, 2].map(async (n) => {
        const transaction = datastore.transaction();
        await transaction.run();
        await transaction.get(key('Order', 1));
        transaction.save({ key: key('Order', 1), data: { n } });
        return transaction;
      }),
    );

    const settled = await Promise.allSettled(racers.map((transaction) => transaction.commit()));

    const lost = settled.filter((one) => one.status === 'rejected');
    expect(lost).toMatchObject([{ reason: { code: Status.ABORTED } }]);
  });
});
