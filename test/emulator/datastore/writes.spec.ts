import { describe, expect, it } from 'vitest';
import type { KeyProto, ValueProto } from '../../../lib/google/datastore-api.js';
import { Status } from '../../../lib/google/status.js';
import { entityOf, integer, keyOf, projectId, TestEngine } from './engine.js';

const commit = (test: TestEngine, ...mutations: object[]) =>
  test.engine.commit({ projectId, mode: 'NON_TRANSACTIONAL', mutations });

const commitInOne = (test: TestEngine, ...mutations: object[]) =>
  test.engine.commit({
    projectId,
    mode: 'TRANSACTIONAL',
    singleUseTransaction: { readWrite: {} },
    mutations,
  });

const mutation = (operation: string, n = 0) => ({
  [operation]: operation === 'delete' ? keyOf('Order', 1) : entityOf(1, { n: integer(n) }),
});

const propertiesOf = async (test: TestEngine, id: number | string = 1) =>
  (await test.get(id))?.properties;

/** An entity written twice: what the first and what the second commit said of it. */
const writtenTwice = async (test: TestEngine) => {
  const {
    mutationResults: [old],
  } = await test.put(entityOf(1, { n: integer(1) }));
  const {
    mutationResults: [current],
  } = await test.put(entityOf(1, { n: integer(2) }));
  return { old, current };
};

/** What masks are laid over. */
const full = (): Record<string, ValueProto> => ({
  a: integer(1),
  b: integer(2),
  e: { entityValue: { properties: { x: integer(1), y: integer(2) } } },
  'd.o': integer(4),
});

const inner = (properties: Record<string, ValueProto>): ValueProto => ({
  entityValue: { properties },
});

const list = (...values: ValueProto[]): ValueProto => ({ arrayValue: { values } });

const double = (doubleValue: number): ValueProto => ({ doubleValue });

const text = (length: number, excludeFromIndexes = false): ValueProto => ({
  stringValue: 'x'.repeat(length),
  excludeFromIndexes,
});

const upsertOf = (properties: Record<string, ValueProto>) =>
  commit(new TestEngine(), { upsert: entityOf(1, properties) });

describe('mutations', () => {
  it('inserts only what is new and updates only what exists', async () => {
    const test = new TestEngine();
    await commit(test, { insert: entityOf(1, { n: integer(1) }) });

    await expect(commit(test, { insert: entityOf(1) })).rejects.toMatchObject({
      code: Status.ALREADY_EXISTS,
    });
    await expect(commit(test, { update: entityOf(2) })).rejects.toMatchObject({
      code: Status.NOT_FOUND,
    });
    await commit(
      test,
      { update: entityOf(1, { n: integer(2) }) },
      { upsert: entityOf(2) },
      { delete: keyOf('Order', 3) },
    );
    expect(await propertiesOf(test)).toMatchObject({ n: { integerValue: '2' } });
    expect(await propertiesOf(test, 2)).toEqual({});
  });

  it('gives incomplete keys ids of their own and says which', async () => {
    const test = new TestEngine();
    const incomplete = { key: { path: [{ kind: 'Order' }] }, properties: {} };

    const { mutationResults } = await commit(test, { insert: incomplete }, { upsert: incomplete });

    const ids = mutationResults
      .map(({ key }) => key?.path[0])
      .map((element) => (element?.idType === 'id' ? Number(element.id) : NaN));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) {
      expect(Number.isSafeInteger(id)).toBe(true);
      expect(await propertiesOf(test, id)).toEqual({});
    }
  });

  it('never allocates an id that is reserved, used, or was allocated', async () => {
    const test = new TestEngine();
    const allocate = async (count: number) => {
      const keys = Array.from({ length: count }, () => ({ path: [{ kind: 'Order' }] }));
      return (
        (await test.engine.allocateIds({ projectId, keys })).keys?.map((key) =>
          String(key.path?.[0]?.id),
        ) ?? []
      );
    };
    const [probe] = await new TestEngine().engine
      .allocateIds({ projectId, keys: [{ path: [{ kind: 'Order' }] }] })
      .then(({ keys }) => keys ?? []);
    const reserved = String(probe?.path?.[0]?.id);
    await test.engine.reserveIds({ projectId, keys: [keyOf('Order', Number(reserved))] });

    const ids = await allocate(100);

    expect(new Set(ids).size).toBe(100);
    expect(ids).not.toContain(reserved);
  });

  it.each([
    ['upsert', 'upsert', '2'],
    ['insert', 'update', '2'],
    ['delete', 'insert', '2'],
    ['upsert', 'delete', undefined],
  ] as const)(
    'applies %s then %s of one entity in order in a transaction',
    async (first, second, expected) => {
      const test = new TestEngine();

      await commitInOne(test, mutation(first, 1), mutation(second, 2));

      const properties = await propertiesOf(test);
      const n = properties?.['n'];
      expect(n?.valueType === 'integerValue' ? n.integerValue : undefined).toBe(expected);
    },
  );

  it.each([
    ['insert', 'insert'],
    ['update', 'insert'],
    ['upsert', 'insert'],
    ['delete', 'update'],
  ])(
    'refuses %s then %s of one entity, and either outside a transaction',
    async (first, second) => {
      const test = new TestEngine();

      for (const how of [commit, commitInOne]) {
        const call = how(test, mutation(first), mutation(second));
        await expect(call).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
      }
    },
  );

  it('applies a transaction whole or not at all; without one, up to what fails', async () => {
    const test = new TestEngine();
    await test.put(entityOf('there'));
    const mutations = [
      { upsert: entityOf(1) },
      { insert: entityOf('there') },
      { upsert: entityOf(2) },
    ];

    await expect(commitInOne(test, ...mutations)).rejects.toMatchObject({
      code: Status.ALREADY_EXISTS,
    });
    expect([await test.get(1), await test.get(2)]).toEqual([undefined, undefined]);
    await expect(commit(test, ...mutations)).rejects.toMatchObject({ code: Status.ALREADY_EXISTS });
    expect([await test.get(1), await test.get(2)]).toMatchObject([{ properties: {} }, undefined]);
  });

  it('keeps the create time and moves version and update time', async () => {
    const test = new TestEngine();
    const { mutationResults: created } = await test.put(entityOf(1, { n: integer(1) }));
    await test.clock.advance(5_000);
    const { mutationResults: changed, commitTime } = await test.put(entityOf(1, { n: integer(2) }));

    const lookup = await test.engine.lookup({
      projectId,
      keys: [keyOf('Order', 1), keyOf('Order', 2)],
    });

    expect(lookup.found[0]).toMatchObject({
      version: changed[0]?.version,
      createTime: created[0]?.createTime,
      updateTime: commitTime,
    });
    expect(Number(changed[0]?.version)).toBeGreaterThan(Number(created[0]?.version));
    expect(Number(lookup.missing[0]?.version)).toBeGreaterThanOrEqual(Number(changed[0]?.version));
  });

  it('finds an entity by the values that it has, and no longer by those that it had', async () => {
    const test = new TestEngine();
    const countWhere = async (op: 'EQUAL' | 'GREATER_THAN', value: number) => {
      const filter = { propertyFilter: { property: { name: 'n' }, op, value: integer(value) } };
      const query = { kind: [{ name: 'Order' }], filter };
      const { batch } = await test.engine.runQuery({ projectId, query });
      return batch.entityResults.length;
    };
    await test.put(entityOf(1, { n: integer(1) }), entityOf(2, { n: integer(2) }));
    await test.put(entityOf(1, { n: integer(3) }));
    await commit(test, { delete: keyOf('Order', 2) });
    await test.put(entityOf(2));

    expect(await countWhere('EQUAL', 1)).toBe(0);
    expect(await countWhere('EQUAL', 2)).toBe(0);
    expect(await countWhere('GREATER_THAN', 0)).toBe(1);
    expect(await countWhere('EQUAL', 3)).toBe(1);
  });

  it.each([
    ['a commit without a transaction', { mode: 'TRANSACTIONAL' }],
    [
      'a transaction in a commit without',
      { mode: 'NON_TRANSACTIONAL', transaction: Buffer.from('x') },
    ],
    ['a read-only single use', { mode: 'TRANSACTIONAL', singleUseTransaction: { readOnly: {} } }],
    ['a mutation without an operation', { mode: 'NON_TRANSACTIONAL', mutations: [{}] }],
  ])('refuses %s', async (_, request) => {
    const test = new TestEngine();
    const call = test.engine.commit({
      projectId,
      mutations: [{ upsert: entityOf(1) }],
      ...request,
    } as never);
    await expect(call).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
  });
});

describe('conflict detection', () => {
  const upsert = { upsert: entityOf(1, { n: integer(3) }) };

  it.each([
    [
      'base version',
      (result: { version: string } | undefined) => ({ baseVersion: result?.version }),
    ],
    [
      'update time',
      (result: { updateTime: object | null } | undefined) => ({ updateTime: result?.updateTime }),
    ],
  ])('leaves out a mutation with a stale %s, and says so', async (_, condition) => {
    const test = new TestEngine();
    const { old, current } = await writtenTwice(test);

    const { mutationResults } = await commit(test, { ...upsert, ...condition(old) });
    expect(mutationResults).toMatchObject([{ conflictDetected: true, version: current?.version }]);
    expect(await propertiesOf(test)).toMatchObject({ n: { integerValue: '2' } });
    const failing = commit(test, {
      ...upsert,
      ...condition(old),
      conflictResolutionStrategy: 'FAIL',
    });
    await expect(failing).rejects.toMatchObject({ code: Status.FAILED_PRECONDITION });

    await commit(test, { ...upsert, ...condition(current), conflictResolutionStrategy: 'FAIL' });
    expect(await propertiesOf(test)).toMatchObject({ n: { integerValue: '3' } });
  });

  it('lets one of twenty writes with the same base version through, in each of 100 races', async () => {
    const test = new TestEngine();
    for (let round = 0; round < 100; round++) {
      const { mutationResults } = await test.put(entityOf(1, { n: integer(0) }));
      const write = { ...upsert, baseVersion: mutationResults[0]?.version };
      const results = await Promise.all(Array.from({ length: 20 }, () => commit(test, write)));
      const won = results.filter((result) => !result.mutationResults[0]?.conflictDetected);
      expect(won).toHaveLength(1);
    }
  });

  it('takes base version 0 for the absence of an entity', async () => {
    const test = new TestEngine();
    const onlyNew = { ...upsert, baseVersion: 0, conflictResolutionStrategy: 'FAIL' };
    await commit(test, onlyNew);
    await expect(commit(test, onlyNew)).rejects.toMatchObject({ code: Status.FAILED_PRECONDITION });
  });
});

describe('property masks', () => {
  it.each<[string, string[], Record<string, ValueProto>, Record<string, ValueProto | undefined>]>([
    [
      'writes only what it names',
      ['a'],
      { a: integer(10), b: integer(11) },
      { ...full(), a: integer(10) },
    ],
    ['deletes what it names and the entity lacks', ['a'], {}, { ...full(), a: undefined }],
    [
      'reaches into entities',
      ['e.x'],
      { e: inner({ x: integer(10) }) },
      { ...full(), e: inner({ x: integer(10), y: integer(2) }) },
    ],
    [
      'makes the entities it reaches into',
      ['n.x'],
      { n: inner({ x: integer(1) }) },
      { ...full(), n: inner({ x: integer(1) }) },
    ],
    ['reads quoted names', ['`d.o`'], { 'd.o': integer(5) }, { ...full(), 'd.o': integer(5) }],
    ['touches nothing when it is empty', [], { a: integer(5) }, full()],
  ])('%s', async (_, paths, properties, expected) => {
    const test = new TestEngine();
    await test.put(entityOf(1, full()));

    await commit(test, { update: entityOf(1, properties), propertyMask: { paths } });

    const names = Object.keys(expected).filter((name) => expected[name] !== undefined);
    const found = await propertiesOf(test);
    expect(Object.keys(found ?? {}).toSorted()).toEqual(names.toSorted());
    for (const name of names) expect(found?.[name]).toMatchObject(expected[name] ?? {});
  });

  it('selects what lookups and queries return', async () => {
    const test = new TestEngine();
    await test.put(entityOf(1, full()));
    const request = { projectId, propertyMask: { paths: ['a', 'e.x', 'none'] } };

    const { found } = await test.engine.lookup({ ...request, keys: [keyOf('Order', 1)] });
    const { batch } = await test.engine.runQuery({
      ...request,
      query: { kind: [{ name: 'Order' }] },
    });

    for (const result of [found[0], batch.entityResults[0]]) {
      expect(Object.keys(result?.entity.properties ?? {})).toEqual(['a', 'e']);
      expect(result?.entity.properties['e']).toMatchObject({
        entityValue: { properties: { x: {} } },
      });
    }
  });

  it.each(['', '.', 'a.', 'd\\.o', '__x__', '`'])('refuses the path %j', async (path) => {
    const test = new TestEngine();
    const call = commit(test, { upsert: entityOf(1), propertyMask: { paths: [path] } });
    await expect(call).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
  });
});

describe('property transforms', () => {
  const start: Record<string, ValueProto> = {
    i: integer(5),
    d: double(1.5),
    s: { stringValue: 'q' },
    nan: double(NaN),
    list: list(integer(1), double(2)),
    e: { entityValue: { properties: { x: integer(1) } } },
  };

  it.each<[string, object, ValueProto]>([
    ['adds integers', { property: 'i', increment: integer(3) }, integer(8)],
    ['adds a double to an integer', { property: 'i', increment: double(0.5) }, double(5.5)],
    [
      'stops at the greatest integer',
      { property: 'i', increment: integer('9223372036854775807') },
      integer('9223372036854775807'),
    ],
    ['sets what was no number', { property: 's', increment: integer(3) }, integer(3)],
    ['keeps an equal maximum as it is', { property: 'i', maximum: double(5) }, integer(5)],
    ['takes the type of the greater', { property: 'i', maximum: double(7.5) }, double(7.5)],
    ['takes the lesser', { property: 'd', minimum: integer(1) }, integer(1)],
    ['keeps NaN', { property: 'nan', maximum: integer(1) }, double(NaN)],
    [
      'appends what is missing',
      { property: 'list', appendMissingElements: { values: [double(1), integer(3), integer(3)] } },
      list(integer(1), double(2), integer(3)),
    ],
    [
      'removes what is equal',
      { property: 'list', removeAllFromArray: { values: [integer(2)] } },
      list(integer(1)),
    ],
    [
      'makes an array of what was none',
      { property: 's', appendMissingElements: { values: [integer(1)] } },
      list(integer(1)),
    ],
  ])('%s', async (_, transform, expected) => {
    const test = new TestEngine();
    await test.put(entityOf(1, start));

    await commit(test, { update: entityOf(1, start), propertyTransforms: [transform] });

    const { property } = transform as { property: string };
    expect((await propertiesOf(test))?.[property]).toMatchObject(expected);
  });

  it('sets the time of the request in milliseconds, in nested properties too, and reports it', async () => {
    const test = new TestEngine();
    const transforms = [
      { property: 'e.at', setToServerValue: 'REQUEST_TIME' },
      { property: 'i', increment: integer(1) },
      { property: 'i', increment: integer(1) },
    ];

    const { mutationResults } = await commit(test, {
      upsert: entityOf(1, start),
      propertyTransforms: transforms,
    });

    const at = { timestampValue: { seconds: String(test.clock.now() / 1000), nanos: 0 } };
    expect((await propertiesOf(test))?.['e']).toMatchObject({
      entityValue: { properties: { at } },
    });
    expect(mutationResults[0]?.transformResults).toMatchObject([
      at,
      { integerValue: '6' },
      { integerValue: '7' },
    ]);
  });

  it.each<[string, object]>([
    ['a string to add', { property: 'i', increment: { stringValue: 'x' } }],
    ['a transform without a type', { property: 'i' }],
    ['an unknown server value', { property: 'i', setToServerValue: 0 }],
    ['no property', { increment: integer(1) }],
  ])('refuses %s', async (_, transform) => {
    const call = commit(new TestEngine(), { upsert: entityOf(1), propertyTransforms: [transform] });
    await expect(call).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
  });
});

describe('limits', () => {
  it.each<[string, Record<string, ValueProto>]>([
    ['an indexed string of 1,501 bytes', { a: text(1501) }],
    ['one in an array', { a: { arrayValue: { values: [text(1501)] } } }],
    ['one in an embedded entity', { a: { entityValue: { properties: { b: text(1501) } } } }],
    ['an indexed blob of 1,501 bytes', { a: { blobValue: Buffer.alloc(1501) } }],
    ['an entity of more than 1,048,572 bytes', { a: text(1_048_573, true) }],
    ['a reserved property name', { __a__: integer(1) }],
    ['an empty property name', { '': integer(1) }],
    ['a property name of 1,501 bytes', { ['a'.repeat(1501)]: integer(1) }],
    ['a property without a value', { a: {} }],
    ['an array in an array', { a: { arrayValue: { values: [{ arrayValue: {} }] } } }],
    [
      'an array excluded from indexes as a whole',
      { a: { arrayValue: {}, excludeFromIndexes: true } },
    ],
    ['a time before the year 1', { a: { timestampValue: { seconds: -62_135_596_801 } } }],
    ['a latitude beyond the pole', { a: { geoPointValue: { latitude: 90.1 } } }],
    ['an incomplete key as a value', { a: { keyValue: { path: [{ kind: 'A' }] } } }],
    ['a value out of a projection', { a: { integerValue: 1, meaning: 18 } }],
  ])('refuses %s', async (_, properties) => {
    await expect(upsertOf(properties)).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
  });

  it.each<[string, Record<string, ValueProto>]>([
    ['a string of 1,501 bytes that is excluded from indexes', { a: text(1501, true) }],
    [
      'one inside an entity that is excluded',
      { a: { entityValue: { properties: { b: text(1501) } }, excludeFromIndexes: true } },
    ],
    ['an entity just below the limit', { a: text(1_048_500, true) }],
    ['a property name with a dot', { 'a.b': integer(1) }],
  ])('accepts %s', async (_, properties) => {
    await expect(upsertOf(properties)).resolves.toMatchObject({ mutationResults: [{}] });
  });

  it.each<[string, KeyProto | undefined]>([
    ['no key', undefined],
    ['an empty path', { path: [] }],
    ['an empty kind', { path: [{ kind: '', id: 1 }] }],
    ['the id 0', { path: [{ kind: 'A', id: 0 }] }],
    ['an empty name', { path: [{ kind: 'A', name: '' }] }],
    ['a reserved kind', { path: [{ kind: '__a__', id: 1 }] }],
    ['a reserved name', { path: [{ kind: 'A', name: '__a__' }] }],
    [
      'a reserved namespace',
      { partitionId: { namespaceId: '__a__' }, path: [{ kind: 'A', id: 1 }] },
    ],
    ['an illegal namespace', { partitionId: { namespaceId: 'a b' }, path: [{ kind: 'A', id: 1 }] }],
    ['another project', { partitionId: { projectId: 'other' }, path: [{ kind: 'A', id: 1 }] }],
    ['a name of 1,501 bytes', { path: [{ kind: 'A', name: 'x'.repeat(1501) }] }],
    ['101 elements', { path: Array.from({ length: 101 }, () => ({ kind: 'A', id: 1 })) }],
    [
      'more than 6 KiB',
      { path: Array.from({ length: 5 }, () => ({ kind: 'A', name: 'x'.repeat(1400) })) },
    ],
    ['an incomplete parent', { path: [{ kind: 'A' }, { kind: 'B', id: 1 }] }],
  ])('refuses a key with %s', async (_, key) => {
    const call = commit(new TestEngine(), { upsert: { key, properties: {} } });
    await expect(call).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
  });

  it(
    'refuses a commit of more than 10 MiB, and a lookup of more than 1,000 keys',
    { timeout: 30_000 },
    async () => {
      const test = new TestEngine();
      const mutations = Array.from({ length: 11 }, (_, id) => ({
        upsert: entityOf(id + 1, { a: text(1_000_000, true) }),
      }));
      const keys = Array.from({ length: 1001 }, (_, id) => keyOf('Order', id + 1));

      await expect(commit(test, ...mutations)).rejects.toMatchObject({
        code: Status.INVALID_ARGUMENT,
      });
      await expect(test.engine.lookup({ projectId, keys })).rejects.toMatchObject({
        code: Status.INVALID_ARGUMENT,
      });
      await commit(test, ...mutations.slice(0, 10));
      expect((await test.engine.lookup({ projectId, keys: keys.slice(1) })).found).toHaveLength(9);
    },
  );

  it.each(['', 'a b', 'a/b'])('refuses the project %j', async (project) => {
    const call = new TestEngine().engine.beginTransaction({ projectId: project });
    await expect(call).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
  });
});
