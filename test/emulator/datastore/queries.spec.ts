import { beforeAll, describe, expect, it } from 'vitest';
import { Status } from '../../../lib/google/status.js';
import type { FilterProto, KeyProto, ValueProto } from '../../../lib/google/datastore-api.js';
import { entityOf, integer, projectId, TestEngine } from './engine.js';

const text = (stringValue: string): ValueProto => ({ stringValue });
const list = (...values: ValueProto[]): ValueProto => ({ arrayValue: { values } });
const nothing: ValueProto = { nullValue: 'NULL_VALUE' };

const where = (name: string, op: string, value: ValueProto) =>
  ({ propertyFilter: { property: { name }, op, value } }) as FilterProto;
const all = (...filters: FilterProto[]): FilterProto => ({
  compositeFilter: { op: 'AND', filters },
});
const any = (...filters: FilterProto[]): FilterProto => ({
  compositeFilter: { op: 'OR', filters },
});
const by = (...properties: string[]) =>
  properties.map((name) => ({
    property: { name: name.replace('-', '') },
    direction: name.startsWith('-') ? 'DESCENDING' : 'ASCENDING',
  }));
const only = (...properties: string[]) => properties.map((name) => ({ property: { name } }));
const keyValue = (...path: string[]): ValueProto => ({
  keyValue: { path: path.map((name) => ({ kind: 'Q', name })) },
});

/** Entities of kind Q: n is a number but for f, t an array, s a string. */
const entities: [KeyProto['path'], Record<string, ValueProto>][] = [
  [[{ kind: 'Q', name: 'a' }], { n: integer(1), t: list(integer(1), integer(5)), s: text('x') }],
  [[{ kind: 'Q', name: 'b' }], { n: integer(2), t: list(integer(3)), s: text('x') }],
  [
    [{ kind: 'Q', name: 'c' }],
    { n: integer(3), t: list(integer(2), integer(9), integer(9)), s: text('y') },
  ],
  [[{ kind: 'Q', name: 'd' }], { n: integer(1), s: text('z') }],
  [
    [{ kind: 'Q', name: 'e' }],
    {
      n: integer(4),
      t: list(),
      inner: { entityValue: { properties: { x: integer(7), y: list(integer(1), integer(2)) } } },
    },
  ],
  [
    [{ kind: 'Q', name: 'f' }],
    {
      n: text('q'),
      t: nothing,
      at: { timestampValue: { seconds: 5 } },
      inner: { entityValue: { properties: { x: integer(8) } }, excludeFromIndexes: true },
    },
  ],
  [
    [
      { kind: 'Q', name: 'a' },
      { kind: 'Q', name: 'child' },
    ],
    { n: integer(10) },
  ],
  [
    [
      { kind: 'Q', name: 'a' },
      { kind: 'R', name: 'child' },
    ],
    { n: integer(10) },
  ],
];

type Query = Record<string, unknown>;

const test = new TestEngine();
const run = (query: Query, partitionId = {}) =>
  test.engine.runQuery({ projectId, partitionId, query: { kind: [{ name: 'Q' }], ...query } });

/** The names of the results, a child's after its parent's. */
async function names(query: Query, partitionId = {}): Promise<string> {
  const { batch } = await run(query, partitionId);
  return batch.entityResults.map(({ entity }) => pathOf(entity.key)).join(' ');
}

const pathOf = (key: { path: object[] } | null) =>
  (key?.path ?? [])
    .map((element) => ('name' in element ? element.name : 'id' in element ? element.id : ''))
    .join('/');

beforeAll(async () => {
  await test.put(
    ...entities.map(([path, properties]) => ({ key: { path: path ?? [] }, properties })),
    {
      key: { partitionId: { namespaceId: 'ns' }, path: [{ kind: 'Q', name: 'other' }] },
      properties: { n: integer(1) },
    },
  );
});

describe('queries', () => {
  it.each<[string, Query, string]>([
    ['all of a kind by key', {}, 'a a/child b c d e f'],
    ['an order', { order: by('n') }, 'a d b c e a/child f'],
    ['a descending order, ties by descending key', { order: by('-n') }, 'f a/child e c b d a'],
    ['an array by its least element, each entity once', { order: by('t') }, 'f a c b'],
    ['an array downwards by its greatest', { order: by('-t') }, 'c a b f'],
    ['two orders', { order: by('s', '-n') }, 'b a c d'],
    ['two orders, the other way', { order: by('-s', 'n') }, 'd c a b'],
    [
      'a range, types after it included',
      { filter: where('n', 'GREATER_THAN', integer(2)) },
      'c e a/child f',
    ],
    [
      'a range of an array: the first element within',
      { filter: where('t', 'GREATER_THAN', integer(2)) },
      'b a c',
    ],
    [
      'a range of an array downwards',
      { filter: where('t', 'GREATER_THAN', integer(2)), order: by('-t') },
      'c a b',
    ],
    [
      'a range that one element must satisfy whole',
      { filter: all(where('t', 'GREATER_THAN', integer(1)), where('t', 'LESS_THAN', integer(5))) },
      'c b',
    ],
    [
      'two equalities on one array',
      { filter: all(where('t', 'EQUAL', integer(2)), where('t', 'EQUAL', integer(9))) },
      'c',
    ],
    [
      'an equality with an order',
      { filter: where('s', 'EQUAL', text('x')), order: by('-n') },
      'b a',
    ],
    [
      'inequalities on two properties',
      {
        filter: all(where('n', 'GREATER_THAN', integer(1)), where('s', 'GREATER_THAN', text('w'))),
      },
      'b c',
    ],
    ['null', { filter: where('t', 'EQUAL', nothing) }, 'f'],
    ['IN', { filter: where('n', 'IN', list(integer(3), integer(1), integer(1))) }, 'a c d'],
    [
      'IN with an order',
      { filter: where('n', 'IN', list(integer(3), integer(1))), order: by('-n') },
      'c d a',
    ],
    ['NOT_EQUAL', { filter: where('n', 'NOT_EQUAL', integer(1)) }, 'b c e a/child f'],
    ['NOT_IN', { filter: where('t', 'NOT_IN', list(integer(1), integer(2))) }, 'f b a c'],
    [
      'OR, by key',
      { filter: any(where('n', 'EQUAL', integer(1)), where('s', 'EQUAL', text('y'))) },
      'a c d',
    ],
    [
      'OR with an inequality, which implies its order',
      { filter: any(where('n', 'GREATER_THAN', integer(2)), where('s', 'EQUAL', text('x'))) },
      'a b c e a/child f',
    ],
    [
      'AND of OR',
      {
        filter: all(
          where('n', 'LESS_THAN', integer(3)),
          any(where('s', 'EQUAL', text('x')), where('s', 'EQUAL', text('z'))),
        ),
      },
      'a d b',
    ],
    [
      'a property of an embedded entity',
      { filter: where('inner.x', 'GREATER_THAN', integer(0)) },
      'e',
    ],
    ['an array of an embedded entity', { filter: where('inner.y', 'EQUAL', integer(2)) }, 'e'],
    [
      'keys after one, its children included',
      { filter: where('__key__', 'GREATER_THAN', keyValue('a')) },
      'a/child b c d e f',
    ],
    ['one key', { filter: where('__key__', 'EQUAL', keyValue('b')) }, 'b'],
    ['keys IN', { filter: where('__key__', 'IN', list(keyValue('c'), keyValue('b'))) }, 'b c'],
    ['keys downwards', { order: by('-__key__') }, 'f e d c b a/child a'],
    [
      'an equality and a range of keys',
      {
        filter: all(
          where('n', 'EQUAL', integer(1)),
          where('__key__', 'GREATER_THAN', keyValue('a')),
        ),
      },
      'd',
    ],
    ['an ancestor', { filter: where('__key__', 'HAS_ANCESTOR', keyValue('a')) }, 'a a/child'],
    [
      'an ancestor and an equality',
      {
        filter: all(
          where('__key__', 'HAS_ANCESTOR', keyValue('a')),
          where('n', 'EQUAL', integer(10)),
        ),
      },
      'a/child',
    ],
    [
      'an ancestor without a kind',
      { kind: [], filter: where('__key__', 'HAS_ANCESTOR', keyValue('a')) },
      'a a/child a/child',
    ],
    ['an offset and a limit', { offset: 2, limit: { value: 2 } }, 'b c'],
    ['distinct values: the first of each', { distinctOn: [{ name: 's' }] }, 'a c d'],
    ['kinds in use', { kind: [{ name: '__kind__' }] }, 'Q R'],
    ['namespaces in use, the default one as 1', { kind: [{ name: '__namespace__' }] }, '1 ns'],
    [
      'indexed properties',
      {
        kind: [{ name: '__property__' }],
        filter: where('__key__', 'HAS_ANCESTOR', {
          keyValue: { path: [{ kind: '__kind__', name: 'Q' }] },
        }),
      },
      'Q/at Q/inner.x Q/inner.y Q/n Q/s Q/t',
    ],
  ])('finds by %s', async (_, query, expected) => {
    expect(await names(query)).toBe(expected);
  });

  it('keeps namespaces and projects apart', async () => {
    expect(await names({}, { namespaceId: 'ns' })).toBe('other');
    const elsewhere = await test.engine.runQuery({
      projectId: 'p2',
      query: { kind: [{ name: 'Q' }] },
    });
    expect(elsewhere.batch.entityResults).toEqual([]);
  });

  it('keeps named databases apart', async () => {
    const databaseId = 'd2';
    const entity = { key: { path: [{ kind: 'Q', name: 'there' }] }, properties: {} };
    await test.engine.commit({
      projectId,
      databaseId,
      mode: 'NON_TRANSACTIONAL',
      mutations: [{ upsert: entity }],
    });

    const { batch } = await test.engine.runQuery({
      projectId,
      databaseId,
      query: { kind: [{ name: 'Q' }] },
    });

    expect(batch.entityResults.map((result) => pathOf(result.entity.key))).toEqual(['there']);
    expect(await names({})).toBe('a a/child b c d e f');
  });

  it.each<[string, Query, object[]]>([
    [
      'one result an element',
      { projection: only('t'), filter: where('t', 'GREATER_THAN', integer(2)) },
      [{ t: '3' }, { t: '5' }, { t: '9' }],
    ],
    [
      'every combination',
      { projection: only('n', 't'), filter: where('t', 'GREATER_THAN_OR_EQUAL', integer(3)) },
      [
        { n: '2', t: '3' },
        { n: '1', t: '5' },
        { n: '3', t: '9' },
      ],
    ],
    ['times as integers', { projection: only('at') }, [{ at: '5000000' }]],
    [
      'distinct values',
      { projection: only('n'), distinctOn: [{ name: 'n' }], limit: { value: 3 } },
      [{ n: '1' }, { n: '2' }, { n: '3' }],
    ],
  ])('projects %s', async (_, query, expected) => {
    const { batch } = await run(query);

    const values = batch.entityResults.map(({ entity }) =>
      Object.fromEntries(
        Object.entries(entity.properties).map(([name, value]) => [
          name,
          value.valueType === 'integerValue' ? value.integerValue : value,
        ]),
      ),
    );
    expect({ type: batch.entityResultType, values }).toEqual({
      type: 'PROJECTION',
      values: expected,
    });
  });

  it('returns keys alone when only they are asked for', async () => {
    const { batch } = await run({ projection: only('__key__'), limit: { value: 1 } });

    expect(batch.entityResultType).toBe('KEY_ONLY');
    expect(batch.entityResults[0]?.entity.properties).toEqual({});
  });

  it.each<[string, Query, string]>([
    ['nothing is left', {}, 'NO_MORE_RESULTS'],
    ['the limit took all', { limit: { value: 7 } }, 'NO_MORE_RESULTS'],
    ['the limit left some', { limit: { value: 6 } }, 'MORE_RESULTS_AFTER_LIMIT'],
    ['nothing was asked for', { limit: { value: 0 } }, 'MORE_RESULTS_AFTER_LIMIT'],
    ['the offset passed over all', { offset: 100 }, 'NO_MORE_RESULTS'],
  ])('says what follows when %s', async (_, query, expected) => {
    expect((await run(query)).batch.moreResults).toBe(expected);
  });

  it.each<[string, Query]>([
    ['by key', {}],
    ['by an order with ties', { order: by('n') }],
    ['downwards', { order: by('-n') }],
    ['by two orders', { order: by('s', '-n') }],
    ['by elements of arrays', { order: by('t') }],
    ['by elements of arrays downwards', { order: by('-t') }],
    ['with alternatives', { filter: where('n', 'IN', list(integer(1), integer(3))) }],
    ['with a range', { filter: where('n', 'GREATER_THAN', integer(1)) }],
    ['of a projection', { projection: only('n', 't') }],
    ['of distinct values', { projection: only('s'), distinctOn: [{ name: 's' }] }],
  ])('continues %s from the cursor of every result', async (_, query) => {
    const { batch: whole } = await run(query);
    const rest = whole.entityResults.map(({ entity }) => entity);
    for (const { cursor } of whole.entityResults) {
      rest.shift();
      const { batch } = await run({ ...query, startCursor: cursor });
      expect(batch.entityResults.map(({ entity }) => entity)).toEqual(rest);
    }
  });

  it('stops at an end cursor and says that more may follow', async () => {
    const { batch } = await run({ order: by('n'), limit: { value: 2 } });

    const until = await run({ order: by('n'), endCursor: batch.endCursor });

    expect(until.batch.entityResults).toHaveLength(2);
    expect(until.batch.moreResults).toBe('MORE_RESULTS_AFTER_CURSOR');
  });

  it('answers in batches of 300, which the client strings together', async () => {
    const many = new TestEngine();
    await many.put(...Array.from({ length: 650 }, (_, at) => entityOf(at + 1, {}, 'Q')));
    const sizes: [number, string][] = [];
    let startCursor = Buffer.alloc(0);
    do {
      const query = { kind: [{ name: 'Q' }], startCursor };
      const { batch } = await many.engine.runQuery({ projectId, query });
      sizes.push([batch.entityResults.length, batch.moreResults]);
      startCursor = batch.endCursor as typeof startCursor;
    } while (sizes.at(-1)?.[1] === 'NOT_FINISHED');

    expect(sizes).toEqual([
      [300, 'NOT_FINISHED'],
      [300, 'NOT_FINISHED'],
      [50, 'NO_MORE_RESULTS'],
    ]);
  });

  it.each<[string, Query]>([
    ['a negative limit', { limit: { value: -1 } }],
    ['a negative offset', { offset: -1 }],
    ['two kinds', { kind: [{ name: 'Q' }, { name: 'R' }] }],
    ['an order by a property without a kind', { kind: [], order: by('n') }],
    [
      'a filter on a property without a kind',
      { kind: [], filter: where('n', 'EQUAL', integer(1)) },
    ],
    ['the same order twice', { order: by('n', '-n') }],
    ['a key compared with a string', { filter: where('__key__', 'EQUAL', text('a')) }],
    ['an array to be equal to', { filter: where('t', 'EQUAL', list(integer(1))) }],
    ['IN without values', { filter: where('n', 'IN', list()) }],
    [
      'IN with 31 values',
      { filter: where('n', 'IN', list(...Array.from({ length: 31 }, (_, n) => integer(n)))) },
    ],
    [
      'two NOT_EQUAL',
      { filter: all(where('n', 'NOT_EQUAL', integer(1)), where('s', 'NOT_EQUAL', text('x'))) },
    ],
    [
      'NOT_IN beside IN',
      { filter: all(where('n', 'NOT_IN', list(integer(1))), where('s', 'IN', list(text('x')))) },
    ],
    [
      'a projected property that is fixed',
      { projection: only('n'), filter: where('n', 'EQUAL', integer(1)) },
    ],
    ['distinct values behind another order', { distinctOn: [{ name: 's' }], order: by('n', 's') }],
    ['a cursor that is none', { startCursor: Buffer.from('zzz') }],
    ['a filter without an operator', { filter: where('n', 'OPERATOR_UNSPECIFIED', integer(1)) }],
    ['an empty composite filter', { filter: all() }],
  ])('refuses %s', async (_, query) => {
    await expect(run(query)).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
  });

  it('refuses an ancestor of another namespace', async () => {
    const query = { filter: where('__key__', 'HAS_ANCESTOR', keyValue('a')) };
    await expect(run(query, { namespaceId: 'ns' })).rejects.toMatchObject({
      code: Status.INVALID_ARGUMENT,
    });
  });

  it.each([
    ['GQL', { gqlQuery: { queryString: 'SELECT * FROM Q' } }],
    ['explanations', { query: { kind: [{ name: 'Q' }] }, explainOptions: { analyze: true } }],
    [
      'reads at a time',
      { query: { kind: [{ name: 'Q' }] }, readOptions: { readTime: { seconds: 5 } } },
    ],
    [
      'vector searches',
      { query: { kind: [{ name: 'Q' }], findNearest: { distanceMeasure: 'COSINE' } } },
    ],
  ])('answers UNIMPLEMENTED to %s', async (_, request) => {
    const call = test.engine.runQuery({ projectId, ...request } as never);
    await expect(call).rejects.toMatchObject({ code: Status.UNIMPLEMENTED });
  });
});

describe('aggregations', () => {
  const aggregate = async (aggregations: object[], query: Query = {}) => {
    const aggregationQuery = { nestedQuery: { kind: [{ name: 'Q' }], ...query }, aggregations };
    const { batch } = await test.engine.runAggregationQuery({
      projectId,
      aggregationQuery,
    });
    return batch.aggregationResults[0]?.aggregateProperties;
  };
  const n = { property: { name: 'n' } };

  it.each<[string, object[], Query, object]>([
    ['all', [{ count: {} }], {}, { property_1: { integerValue: '7' } }],
    [
      'up to a bound',
      [{ alias: 'some', count: { upTo: { value: 2 } } }],
      {},
      { some: { integerValue: '2' } },
    ],
    [
      'within limit and offset',
      [{ count: {} }],
      { offset: 1, limit: { value: 3 } },
      { property_1: { integerValue: '3' } },
    ],
    [
      'sums, averages and entities that have the property',
      [{ sum: n }, { avg: n }, { count: {} }],
      {},
      {
        property_1: { integerValue: '21' },
        property_2: { doubleValue: 3.5 },
        property_3: { integerValue: '7' },
      },
    ],
    [
      'nothing',
      [{ sum: n }, { avg: n }],
      { filter: where('n', 'EQUAL', integer(99)) },
      { property_1: { integerValue: '0' }, property_2: { nullValue: 'NULL_VALUE' } },
    ],
    [
      'only what has all the properties',
      [{ sum: { property: { name: 's' } } }, { count: {} }],
      {},
      { property_1: { integerValue: '0' }, property_2: { integerValue: '4' } },
    ],
  ])('counts %s', async (_, aggregations, query, expected) => {
    expect(await aggregate(aggregations, query)).toMatchObject(expected);
  });

  it.each<[string, object[]]>([
    ['none', []],
    ['six', Array.from({ length: 6 }, () => ({ count: {} }))],
    [
      'two of one name',
      [
        { alias: 'x', count: {} },
        { alias: 'x', count: {} },
      ],
    ],
    ['one without an operator', [{}]],
  ])('refuses %s', async (_, aggregations) => {
    await expect(aggregate(aggregations)).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
  });
});
