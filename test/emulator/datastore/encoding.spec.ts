import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeEntity } from '../../../lib/emulator/datastore/wire/encode-entity.js';
import type { Entity, Key, Value } from '../../../lib/emulator/datastore/wire/entity-messages.js';
import { datastoreDefinition } from '../../../lib/emulator/datastore/wire/service-definition.js';
import { entityOf, integer, projectId, protos, TestEngine } from './engine.js';

const google = {
  entity: protos.message<Entity>('google.datastore.v1.Entity'),
  service: protos.service('google.datastore.v1.Datastore'),
};

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map(String);
const smallInt = fc.integer({ min: -3, max: 300 }).map(String);
const bytes = fc.uint8Array({ maxLength: 2_000 }).map((array) => Buffer.from(array));
const time = fc.record({
  seconds: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }).map(String),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
});

const key: fc.Arbitrary<Key> = fc.record({
  partitionId: fc.option(fc.record({ projectId: text, databaseId: text, namespaceId: text })),
  path: fc.array(
    fc.oneof(
      fc.record({ kind: text, idType: fc.constant('id' as const), id: int64 }),
      fc.record({ kind: text, idType: fc.constant('name' as const), name: text }),
      fc.record({ kind: text }),
    ),
    { maxLength: 3 },
  ),
});

/** A value of one type, with its flags. */
function of(type: string, content: fc.Arbitrary<unknown>) {
  const flags = { meaning: fc.integer({ min: -1, max: 20 }), excludeFromIndexes: fc.boolean() };
  return fc
    .record({ ...flags, content })
    .map(({ content: one, ...rest }) => ({ ...rest, valueType: type, [type]: one }) as never);
}

const { entity } = fc.letrec<{ value: Value; entity: Entity }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    of('nullValue', fc.constant('NULL_VALUE')),
    of('booleanValue', fc.boolean()),
    of('integerValue', fc.oneof(int64, smallInt)),
    of('doubleValue', fc.double()),
    of('timestampValue', time),
    of('keyValue', key),
    of('stringValue', text),
    of('blobValue', bytes),
    of('geoPointValue', fc.record({ latitude: fc.double(), longitude: fc.double() })),
    of('entityValue', tie('entity')),
    of('arrayValue', fc.record({ values: fc.array(tie('value'), { maxLength: 5 }) })),
  ),
  entity: fc.record({
    key: fc.option(key),
    properties: fc.dictionary(text, tie('value'), { maxKeys: 8, noNullPrototype: true }),
  }),
}));

describe('the bytes of messages', () => {
  it('are those of any entity', () => {
    fc.assert(
      fc.property(entity, (one) => {
        const decoded = google.entity.deserialize(encodeEntity(one));
        expect(decoded).toEqual(google.entity.deserialize(google.entity.serialize(one)));
        expect(Object.keys(decoded.properties)).toEqual(Object.keys(one.properties));
      }),
      { numRuns: 500 },
    );
  });

  it('are those of any answer with entities', async () => {
    const test = new TestEngine();
    const increment = { property: 'n', increment: integer(-5) };
    const commit = await test.engine.commit({
      projectId,
      mode: 'NON_TRANSACTIONAL',
      mutations: [
        Object.assign(
          { upsert: entityOf(1, { n: integer(7) }) },
          { propertyTransforms: [increment] },
        ),
        { insert: { key: { path: [{ kind: 'Order' }] }, properties: {} } },
        { delete: { path: [{ kind: 'Order', id: 9 }] } },
      ],
    });
    const newTransaction = { readWrite: {} };
    const keys = [1, 9].map((id) => ({ path: [{ kind: 'Order', id }] }));
    const kind = [{ name: 'Order' }];
    const ask = (more: object) => test.engine.runQuery({ projectId, query: { kind, ...more } });
    const answers = [
      ['Commit', commit],
      ['Lookup', await test.engine.lookup({ projectId, keys, readOptions: { newTransaction } })],
      ['RunQuery', await ask({ offset: 1, limit: { value: 1 } })],
      ['RunQuery', await ask({ projection: [{ property: { name: 'n' } }] })],
      ['RunQuery', await ask({ projection: [{ property: { name: '__key__' } }] })],
      ['RunQuery', await ask({ kind: [{ name: 'Nothing' }] })],
    ] as const;
    const ours = datastoreDefinition(protos);
    for (const [method, answer] of answers) {
      const decode = google.service[method]?.responseDeserialize;
      const own = decode?.(ours[method]?.responseSerialize(answer) ?? Buffer.alloc(0));
      const asGoogle = google.service[method]?.responseSerialize(answer) ?? Buffer.alloc(0);
      expect({ method, answer: own }).toEqual({ method, answer: decode?.(asGoogle) });
    }
  });

  it('are those of what somebody has made of an answer', async () => {
    const test = new TestEngine();
    await test.put(entityOf(1, { n: integer(7) }));
    const query = { kind: [{ name: 'Order' }] };
    const answer = await test.engine.runQuery({ projectId, query });
    const looked = answer.batch.entityResults[0]?.entity;
    Object.assign(looked ?? {}, { properties: {} });

    const sent = datastoreDefinition(protos)['RunQuery']?.responseSerialize(answer);
    const got = google.service['RunQuery']?.responseDeserialize(sent ?? Buffer.alloc(0));
    expect(got).toHaveProperty('batch.entityResults.0.entity.properties', {});
  });
});
