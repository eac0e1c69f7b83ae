import { describe, expect, it } from 'vitest';
import type { ValueProto } from '../../../lib/google/datastore-api.js';
import { entityOf, integer, keyOf, projectId, protos, TestEngine } from './engine.js';

const partitionId = { projectId, databaseId: '', namespaceId: '' };

describe('fidelity', () => {
  it.each<[string, ValueProto]>([
    ['null', { nullValue: 'NULL_VALUE' }],
    ['a boolean', { booleanValue: true }],
    ['false', { booleanValue: false }],
    ['an integer', integer('-9223372036854775808')],
    ['zero', integer(0)],
    ['a double that is whole', { doubleValue: 1 }],
    ['minus zero', { doubleValue: -0 }],
    ['not a number', { doubleValue: NaN }],
    ['infinity', { doubleValue: -Infinity }],
    ['a time in microseconds', { timestampValue: { seconds: '1', nanos: 123_456_000 } }],
    ['a time before 1970', { timestampValue: { seconds: '-5', nanos: 1000 } }],
    ['a string', { stringValue: 'é\u0000\u{1F600}' }],
    ['an empty string', { stringValue: '' }],
    ['bytes', { blobValue: Buffer.from([0, 255]) }],
    ['a point', { geoPointValue: { latitude: 0, longitude: -180 } }],
    ['a key', { keyValue: { partitionId, path: [{ kind: 'A', id: '1' }] } }],
    [
      'a key elsewhere',
      {
        keyValue: {
          partitionId: { ...partitionId, projectId: 'other' },
          path: [{ kind: 'A', name: 'x' }],
        },
      },
    ],
    ['an empty array', { arrayValue: { values: [] } }],
    [
      'an array',
      {
        arrayValue: {
          values: [integer(1), { doubleValue: 1 }, { stringValue: 'x', excludeFromIndexes: true }],
        },
      },
    ],
    [
      'an entity',
      { entityValue: { key: null, properties: { x: { doubleValue: 2, meaning: 15 } } } },
    ],
    ['an old meaning', { stringValue: 'x', meaning: 15, excludeFromIndexes: true }],
  ])('gives %s back as it was', async (_, value) => {
    const test = new TestEngine();
    await test.put(entityOf(1, { value }));

    const entity = await test.get(1);

    const message = protos.message<object>('google.datastore.v1.Entity');
    const decoded = message.deserialize(message.serialize({ properties: { value } }));
    expect({ properties: entity?.properties, key: null }).toEqual({ ...decoded, key: null });
  });

  it('cuts off what is finer than a microsecond', async () => {
    const test = new TestEngine();
    await test.put(entityOf(1, { at: { timestampValue: { seconds: 1, nanos: 1999 } } }));
    expect((await test.get(1))?.properties['at']).toMatchObject({
      timestampValue: { nanos: 1000 },
    });
  });

  it('keeps nothing in common with what callers hold', async () => {
    const test = new TestEngine();
    const properties = { bytes: { blobValue: Buffer.from('abc') } };
    await test.put(entityOf(1, properties));
    properties.bytes.blobValue.fill(0);
    const first = await test.get(1);
    const blob = first?.properties['bytes'];
    if (blob?.valueType === 'blobValue') blob.blobValue.fill(0);

    expect((await test.get(1))?.properties['bytes']).toMatchObject({
      blobValue: Buffer.from('abc'),
    });
  });

  it('answers in process exactly what the official client would decode', async () => {
    const test = new TestEngine();
    const upsert = entityOf(1, { n: integer(1), list: { arrayValue: { values: [integer(1)] } } });
    const mutations = [
      { upsert },
      { insert: { key: { path: [{ kind: 'Order' }] }, properties: {} } },
    ];
    const newTransaction = { readWrite: {} };
    const query = { kind: [{ name: 'Order' }], offset: 1, limit: { value: 1 } };
    const responses = {
      CommitResponse: await test.engine.commit({ projectId, mode: 'NON_TRANSACTIONAL', mutations }),
      LookupResponse: await test.engine.lookup({
        projectId,
        keys: [keyOf('Order', 1), keyOf('Order', 2)],
        readOptions: { newTransaction },
      }),
      RunQueryResponse: await test.engine.runQuery({ projectId, query }),
      RunAggregationQueryResponse: await test.engine.runAggregationQuery({
        projectId,
        aggregationQuery: {
          nestedQuery: query,
          aggregations: [{ count: {} }, { avg: { property: { name: 'n' } } }],
        },
      }),
      BeginTransactionResponse: await test.engine.beginTransaction({ projectId }),
      AllocateIdsResponse: await test.engine.allocateIds({
        projectId,
        keys: [{ path: [{ kind: 'Order' }] }],
      }),
      ReserveIdsResponse: await test.engine.reserveIds({ projectId, keys: [keyOf('Order', 1)] }),
    };

    for (const [name, response] of Object.entries(responses)) {
      const message = protos.message<object>(`google.datastore.v1.${name}`);
      const decoded = message.deserialize(message.serialize(response));
      expect({ name, response: withoutOneofNames(response) }).toEqual({
        name,
        response: withoutOneofNames(decoded),
      });
    }
  });

  it('takes enums by name or number, bytes as base64, and 64-bit integers as numbers', async () => {
    const test = new TestEngine();
    const mutation = {
      upsert: {
        key: { path: [{ kind: 'Order', id: 1 }] },
        properties: { b: { blobValue: 'YWJj' } },
      },
    };
    await test.engine.commit({ projectId, mode: 2, mutations: [mutation] } as never);

    expect((await test.get(1))?.properties['b']).toMatchObject({ blobValue: Buffer.from('abc') });
    const { transaction } = await test.engine.beginTransaction({ projectId });
    const readOptions = { transaction: transaction.toString('base64') };
    await expect(
      test.engine.lookup({ projectId, keys: [keyOf('Order', 1)], readOptions }),
    ).resolves.toMatchObject({ found: [{}] });
  });
});

/** The names of set oneof fields are a convenience of the decoder, and on a message without any it leaves none. */
function withoutOneofNames(message: object): unknown {
  return JSON.parse(
    JSON.stringify(message, (name, value: unknown) =>
      /^(valueType|idType|queryType)$/.test(name) ? undefined : value,
    ),
  );
}
