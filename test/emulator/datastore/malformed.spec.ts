import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Status, statusOf } from '../../../lib/google/status.js';
import { entityOf, integer, keyOf, modes, projectId, protos, TestEngine } from './engine.js';

const query = {
  kind: [{ name: 'Order' }],
  filter: {
    compositeFilter: {
      op: 'AND',
      filters: [
        {
          propertyFilter: {
            property: { name: 'n' },
            op: 'IN',
            value: { arrayValue: { values: [integer(1), integer(2)] } },
          },
        },
        {
          propertyFilter: {
            property: { name: '__key__' },
            op: 'HAS_ANCESTOR',
            value: { keyValue: keyOf('Order', 1) },
          },
        },
      ],
    },
  },
  order: [{ property: { name: 'n' }, direction: 'DESCENDING' }],
  projection: [{ property: { name: 'm' } }],
  distinctOn: [{ name: 'm' }],
  limit: { value: 5 },
  offset: 1,
};
const mutations = [
  {
    upsert: entityOf(1, {
      n: integer(1),
      t: { timestampValue: { seconds: 5, nanos: 1000 } },
      k: { keyValue: keyOf('A', 'x') },
      list: { arrayValue: { values: [{ doubleValue: 1 }] } },
    }),
    propertyMask: { paths: ['n', 'a.b'] },
    baseVersion: 5,
    conflictResolutionStrategy: 'SERVER_VALUE',
  },
  {
    insert: {
      key: { path: [{ kind: 'Order' }] },
      properties: {
        e: { entityValue: { properties: { g: { geoPointValue: { latitude: 1, longitude: 2 } } } } },
      },
    },
    propertyTransforms: [
      { property: 'n', increment: integer(1) },
      { property: 'l', appendMissingElements: { values: [integer(1)] } },
    ],
  },
  { delete: keyOf('Order', 'gone') },
];

const requests = [
  [
    'lookup',
    'LookupRequest',
    {
      projectId,
      keys: [keyOf('Order', 1), keyOf('Order', 'x')],
      readOptions: { newTransaction: { readWrite: {} } },
      propertyMask: { paths: ['n'] },
    },
  ],
  ['runQuery', 'RunQueryRequest', { projectId, partitionId: { namespaceId: 'ns' }, query }],
  [
    'runAggregationQuery',
    'RunAggregationQueryRequest',
    {
      projectId,
      aggregationQuery: {
        nestedQuery: query,
        aggregations: [
          { alias: 'a', count: { upTo: { value: 5 } } },
          { sum: { property: { name: 'n' } } },
        ],
      },
    },
  ],
  [
    'beginTransaction',
    'BeginTransactionRequest',
    { projectId, transactionOptions: { readWrite: { previousTransaction: Buffer.from('x') } } },
  ],
  ['commit', 'CommitRequest', { projectId, mode: 'NON_TRANSACTIONAL', mutations }],
  [
    'commit',
    'CommitRequest',
    { projectId, mode: 'TRANSACTIONAL', singleUseTransaction: { readWrite: {} }, mutations },
  ],
  ['rollback', 'RollbackRequest', { projectId, transaction: Buffer.from('x') }],
  ['allocateIds', 'AllocateIdsRequest', { projectId, keys: [{ path: [{ kind: 'Order' }] }] }],
  ['reserveIds', 'ReserveIdsRequest', { projectId, keys: [keyOf('Order', 1)] }],
] as const;

/** One byte another: most of a message stays what it is. */
const damage = fc
  .record({ at: fraction(), byte: fc.nat(255) })
  .map(({ at, byte }) => (bytes: Buffer) => {
    const damaged = Buffer.from(bytes);
    damaged[Math.floor(at * bytes.length)] = byte;
    return damaged;
  });

/** Some field, however deep, holding what nobody would put there. */
const nonsense = fc.constantFrom<unknown[]>(
  undefined,
  null,
  '',
  'é'.repeat(2000),
  '__x__',
  'a b',
  '-1',
  '9223372036854775807',
  0,
  -1,
  1e300,
  NaN,
  true,
  [],
  {},
  [{}, {}],
  Buffer.alloc(3),
);
const distortion = fc
  .record({ at: fraction(), nonsense })
  .map(({ at, nonsense: value }) => (request: object): object => {
    const copy = structuredClone(request);
    const places = placesIn(copy);
    const [holder, name] = places[Math.floor(at * places.length)] ?? [copy, 'nothing'];
    Object.assign(holder, { [name]: value });
    return copy;
  });

function fraction() {
  return fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
}

function placesIn(value: unknown): [object, string][] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([name, inner]): [object, string][] => [
    [value, name],
    ...placesIn(inner),
  ]);
}

it.each(modes)(
  'answers thousands of damaged requests with a status of its own, %s',
  { timeout: 30_000 },
  async (mode) => {
    const test = new TestEngine(mode);
    await test.put(entityOf(1, { n: integer(1), m: integer(2) }));
    let answered = 0;
    const ask = async (method: (typeof requests)[number][0], request: object) => {
      const call = test.engine[method] as (anything: object) => Promise<object>;
      const code = call.call(test.engine, request).then(
        () => 0,
        (error: unknown) => statusOf(error) ?? error,
      );
      await test.clock.advance(100_000); // Whoever waits for a lock has been answered by then.
      answered += 1;
      expect(await code).toBeTypeOf('number');
      expect(await code).not.toBe(Status.INTERNAL);
    };
    const any = fc.constantFrom(...requests);
    const bytes = fc.asyncProperty(any, damage, async ([method, name, request], hurt) => {
      const message = protos.message<object>(`google.datastore.v1.${name}`);
      let decoded: object;
      try {
        decoded = message.deserialize(hurt(message.serialize(request)));
      } catch {
        return; // gRPC refuses it before it reaches the engine.
      }
      await ask(method, decoded);
    });
    const fields = fc.asyncProperty(any, distortion, async ([method, , request], distort) =>
      ask(method, distort(request)),
    );

    await fc.assert(bytes, { numRuns: 2_500 });
    await fc.assert(fields, { numRuns: 2_500 });

    expect(answered).toBeGreaterThan(3_000);
    expect(await test.put(entityOf(2))).toMatchObject({ mutationResults: [{}] });
  },
);

it.each([
  ['nothing', undefined],
  ['a string', 'request'],
  ['keys that are no list', { projectId, keys: 5 }],
  ['a key that is null', { projectId, keys: [null] }],
  ['an id that is no number', { projectId, keys: [{ path: [{ kind: 'A', id: 'x' }] }] }],
  ['a project that is a number', { projectId: 5 }],
])('answers %s with a status of its own', async (_, request) => {
  const test = new TestEngine();
  const code = await test.engine.lookup(request as never).then(() => 0, statusOf);
  expect(code).toBeTypeOf('number');
});
