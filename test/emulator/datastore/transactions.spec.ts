import { describe, expect, it } from 'vitest';
import { Status } from '../../../lib/google/status.js';
import { entityOf, integer, keyOf, modes, outcomes, projectId, TestEngine } from './engine.js';

const query = {
  kind: [{ name: 'Order' }],
  filter: {
    propertyFilter: {
      property: { name: 'n' },
      op: 'GREATER_THAN' as const,
      value: integer(10),
    },
  },
};

describe.each(modes)('transactions, %s', (mode) => {
  it('lets exactly one of twenty win in each of 200 races', { timeout: 30_000 }, async () => {
    const test = new TestEngine(mode);
    await test.put(entityOf(1, { n: integer(0) }));

    for (let round = 0; round < 200; round++) {
      const racers = Array.from({ length: 20 }, async (_, racer) => {
        const transaction = await test.begin();
        await test.get(1, transaction);
        return test.commit(transaction, entityOf(1, { n: integer(round * 100 + racer) }));
      });
      const { won, codes } = await outcomes(racers);

      expect({ round, won: won.length, codes }).toEqual({
        round,
        won: 1,
        codes: Array.from({ length: 19 }, () => Status.ABORTED),
      });
    }
  });

  it(
    'counts every one of a hundred increments that are tried again when aborted',
    { timeout: 30_000 },
    async () => {
      const test = new TestEngine(mode);
      await test.put(entityOf(1, { n: integer(0) }));
      const increment = async (): Promise<void> => {
        const transaction = await test.begin();
        try {
          const entity = await test.get(1, transaction);
          const n = Number(
            entity?.properties['n']?.valueType === 'integerValue'
              ? entity.properties['n'].integerValue
              : NaN,
          );
          await test.commit(transaction, entityOf(1, { n: integer(n + 1) }));
        } catch {
          return increment();
        }
      };

      await Promise.all(Array.from({ length: 100 }, increment));

      expect((await test.get(1))?.properties['n']).toMatchObject({ integerValue: '100' });
    },
  );

  it('protects the absence of an entity as it does its presence', async () => {
    const test = new TestEngine(mode);
    const [first, second] = [await test.begin(), await test.begin()];
    await test.get(1, first);
    await test.get(1, second);

    const { won, codes } = await outcomes([
      test.commit(first, entityOf(1)),
      test.commit(second, entityOf(1)),
    ]);

    expect({ won: won.length, codes }).toEqual({ won: 1, codes: [Status.ABORTED] });
  });

  it('lets no transaction act on the absence of what another writes (write skew)', async () => {
    const test = new TestEngine(mode);
    await test.put(entityOf('a', { n: integer(1) }), entityOf('b', { n: integer(1) }));
    const [first, second] = [await test.begin(), await test.begin()];
    for (const transaction of [first, second]) {
      await test.get('a', transaction);
      await test.get('b', transaction);
    }

    const { won, codes } = await outcomes([
      test.commit(first, entityOf('a', { n: integer(0) })),
      test.commit(second, entityOf('b', { n: integer(0) })),
    ]);

    expect({ won: won.length, codes }).toEqual({ won: 1, codes: [Status.ABORTED] });
  });

  it.each([
    ['a new entity comes among its results', entityOf(2, { n: integer(11) }), false],
    ['one of its results changes', entityOf(1, { n: integer(13) }), false],
    ['one leaves its results', entityOf(1, { n: integer(1) }), false],
    ['something else changes', entityOf(3, { n: integer(9) }), true],
  ])('protects a query from phantoms when %s', async (_, other, isHarmless) => {
    const test = new TestEngine(mode);
    await test.put(entityOf(1, { n: integer(12) }));
    const [reader, writer] = [await test.begin(), await test.begin()];
    await test.engine.runQuery({ projectId, query, readOptions: { transaction: reader } });

    const writing = test.commit(writer, other);
    const reading = test.commit(reader, entityOf('count', { n: integer(1) }));
    await Promise.allSettled([reading, writing]);

    const [readerWon, writerWon] = await Promise.all([reading, writing].map(isFulfilled));
    const committedAt = async (commit: typeof reading) =>
      (await commit).mutationResults[0]?.version;
    const isSerial =
      !readerWon ||
      !writerWon ||
      Number(await committedAt(reading)) < Number(await committedAt(writing));
    expect(isSerial || isHarmless).toBe(true);
    expect(readerWon || writerWon).toBe(true);
  });

  it('does not show a transaction its own writes', async () => {
    const test = new TestEngine(mode);
    await test.put(entityOf(1, { n: integer(1) }));
    const transaction = await test.begin();

    const before = await test.get(1, transaction);
    const commit = test.commit(transaction, entityOf(1, { n: integer(2) }));

    expect(before?.properties['n']).toMatchObject({ integerValue: '1' });
    await commit;
    expect((await test.get(1))?.properties['n']).toMatchObject({ integerValue: '2' });
  });

  it('shows a read-only transaction one moment, and holds nobody up for it', async () => {
    const test = new TestEngine(mode);
    await test.put(entityOf(1, { n: integer(11) }), entityOf(2, { n: integer(12) }));
    const { transaction } = await test.engine.beginTransaction({
      projectId,
      transactionOptions: { readOnly: {} },
    });
    await test.get(1, transaction);

    await test.put(entityOf(1, { n: integer(0) }), entityOf(3, { n: integer(13) }));
    await test.engine.commit({
      projectId,
      mode: 'NON_TRANSACTIONAL',
      mutations: [{ delete: keyOf('Order', 2) }],
    });

    expect((await test.get(1, transaction))?.properties['n']).toMatchObject({ integerValue: '11' });
    const seen = await test.engine.runQuery({ projectId, query, readOptions: { transaction } });
    const ids = seen.batch.entityResults.map(({ entity }) => entity.key?.path[0]);
    expect(ids).toMatchObject([{ id: '1' }, { id: '2' }]);
    await expect(test.commit(transaction)).resolves.toMatchObject({ mutationResults: [] });
  });

  it.each(['commit', 'rollback', 'lookup'] as const)(
    'refuses %s in a transaction that has ended, expired, or never was',
    async (call) => {
      const test = new TestEngine(mode);
      const [committed, rolledBack, idle] = [
        await test.begin(),
        await test.begin(),
        await test.begin(),
      ];
      await test.commit(committed);
      await test.engine.rollback({ projectId, transaction: rolledBack });
      await test.clock.advance(60_001);

      for (const transaction of [committed, rolledBack, idle, Buffer.from('never')]) {
        const calls = {
          commit: () => test.commit(transaction),
          rollback: () => test.engine.rollback({ projectId, transaction }),
          lookup: () => test.get(1, transaction),
        };
        await expect(calls[call]()).rejects.toMatchObject({
          code: Status.INVALID_ARGUMENT,
          details: 'The referenced transaction has expired or is no longer valid.',
        });
      }
    },
  );

  it('ends a transaction 270 s after its beginning however busy it is', async () => {
    const test = new TestEngine(mode);
    const transaction = await test.begin();
    for (let used = 0; used < 5; used++) {
      await test.clock.advance(50_000);
      await test.get(1, transaction);
    }

    await test.clock.advance(20_001);

    await expect(test.get(1, transaction)).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
  });

  it('refuses a transaction of another database', async () => {
    const test = new TestEngine(mode);
    const transaction = await test.begin();

    const other = test.engine.rollback({ projectId, databaseId: 'other', transaction });

    await expect(other).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
  });

  it('never shows what was written later than the read time it tells', async () => {
    const test = new TestEngine(mode);
    await test.put(entityOf(1, { n: integer(0) }));
    const newTransaction = { readOnly: {} };
    for (const readOptions of [{}, { newTransaction }]) {
      const reading = test.engine.lookup({ projectId, keys: [keyOf('Order', 1)], readOptions });
      const querying = test.engine.runQuery({ projectId, query: { kind: [{ name: 'Order' }] } });
      await test.put(entityOf(1, { n: integer(1) }));

      const { found, readTime } = await reading;
      const { entityResults, readTime: queryTime } = (await querying).batch;
      for (const [time, results] of [
        [readTime, found],
        [queryTime, entityResults],
      ] as const) {
        const micros = Number(time?.seconds) * 1e6 + Number(time?.nanos) / 1000;
        expect(Number(results[0]?.version)).toBeLessThanOrEqual(micros);
      }
    }
  });

  it('gives every commit a later time and a higher version, also when the clock stands still', async () => {
    const test = new TestEngine(mode);
    const times: number[] = [];
    for (let n = 0; n < 5; n++) {
      const { mutationResults } = await test.put(entityOf(1, { n: integer(n) }));
      times.push(Number(mutationResults[0]?.version));
    }

    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
  });
});

const isFulfilled = (promise: Promise<unknown>) =>
  promise.then(
    () => true,
    () => false,
  );
