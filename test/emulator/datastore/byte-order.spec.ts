import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyBytes } from '../../../lib/emulator/datastore/keys/key-bytes.js';
import type { CompleteElement, CompleteKey } from '../../../lib/emulator/datastore/keys/key.js';
import {
  orderedBytes,
  orderedDouble,
  orderedInteger,
  orderedString,
  readOrderedStrings,
} from '../../../lib/emulator/datastore/values/ordered-bytes.js';
import { valueBytes } from '../../../lib/emulator/datastore/values/value-bytes.js';
import type { Value } from '../../../lib/emulator/datastore/wire/entity-messages.js';

const sign = (n: number) => Math.sign(n);

/** Two values whose bytes do not compare as they do, also with anything after them; null if none was found. */
function disorder<T>(
  values: fc.Arbitrary<T>,
  encode: (value: T) => Buffer,
  compare: (a: T, b: T) => number,
) {
  const suffix = fc.uint8Array({ maxLength: 3 }).filter(([first]) => first !== 0xff);
  const property = fc.property(values, values, suffix, suffix, (a, b, afterA, afterB) => {
    const order = sign(compare(a, b));
    const bare = Buffer.compare(encode(a), encode(b));
    const [left, right] = [Buffer.concat([encode(a), afterA]), Buffer.concat([encode(b), afterB])];
    return bare === order && (order === 0 || Buffer.compare(left, right) === order);
  });
  return fc.check(property, { numRuns: 2_000 }).counterexample;
}

const compareNumbers = (a: bigint | number, b: bigint | number) => (a < b ? -1 : Number(a > b));

const text = fc.string({
  unit: fc.constantFrom('\u0000', '\u0001', 'a', 'b', 'é', '\uFFFD', '\u{1F600}'),
  maxLength: 4,
});
const doubleRank = (n: number) => (Number.isNaN(n) ? 2 : Object.is(n, -0) ? 0 : 1);

const compareBytes = (a: Buffer, b: Buffer) => Buffer.compare(a, b);

const compareText = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

const compareDoubles = (a: number, b: number) =>
  Number.isNaN(a) || Number.isNaN(b) || a === b
    ? sign(doubleRank(a) - doubleRank(b))
    : compareNumbers(a, b);

describe('bytes that compare as what they stand for', () => {
  it('orders 64-bit integers by value', () => {
    expect(
      disorder(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        orderedInteger,
        compareNumbers,
      ),
    ).toBeNull();
  });

  it('orders doubles by value, −0 before 0 and NaN last', () => {
    const special = fc.constantFrom(
      0,
      -0,
      NaN,
      Infinity,
      -Infinity,
      Number.MIN_VALUE,
      -Number.MIN_VALUE,
    );
    expect(disorder(fc.oneof(fc.double(), special), orderedDouble, compareDoubles)).toBeNull();
  });

  it('orders strings by code points, and reads them back', () => {
    expect(disorder(text, orderedString, compareText)).toBeNull();
    const readBack = fc.property(fc.array(text, { maxLength: 4 }), (strings) => {
      const bytes = Buffer.concat(strings.map(orderedString));
      return isDeepStrictEqual(readOrderedStrings(bytes, strings.length), strings);
    });
    expect(fc.check(readBack).counterexample).toBeNull();
  });

  it('orders byte strings byte by byte', () => {
    const bytes = fc
      .array(fc.constantFrom(0, 1, 0x7f, 0xfe, 0xff), { maxLength: 4 })
      .map((all) => Buffer.from(all));
    expect(disorder(bytes, orderedBytes, compareBytes)).toBeNull();
  });

  it('orders keys by partition and path: ids before names, parents before children', () => {
    const element: fc.Arbitrary<CompleteElement> = fc.oneof(
      fc.record({
        kind: fc.constantFrom('A', 'AB', 'B', '\u0000'),
        idType: fc.constant('id' as const),
        id: fc.constantFrom('-1', '1', '2', '10'),
      }),
      fc.record({
        kind: fc.constantFrom('A', 'AB', 'B', '\u0000'),
        idType: fc.constant('name' as const),
        name: fc.constantFrom('1', '10', '2', 'a\u0000', 'a'),
      }),
    );
    const key: fc.Arbitrary<CompleteKey> = fc.record({
      partitionId: fc.record({
        projectId: fc.constantFrom('p', 'p2'),
        databaseId: fc.constantFrom('', 'd'),
        namespaceId: fc.constantFrom('', 'n', 'n2'),
      }),
      path: fc.array(element, { minLength: 1, maxLength: 3 }),
    });
    expect(disorder(key, keyBytes, compareKeys)).toBeNull();
  });

  it('orders values by type first, then within the type, as Datastore documents', () => {
    const flags = { meaning: 0, excludeFromIndexes: false };
    const typed: [number, fc.Arbitrary<Value>][] = [
      [0, fc.constant({ valueType: 'nullValue', nullValue: 'NULL_VALUE', ...flags })],
      [
        1,
        fc
          .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
          .map((n) => ({ valueType: 'integerValue', integerValue: String(n), ...flags })),
      ],
      [
        1,
        fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }).map((s) => ({
          valueType: 'timestampValue',
          timestampValue: { seconds: String(s), nanos: 0 },
          ...flags,
        })),
      ],
      [
        2,
        fc.boolean().map((booleanValue) => ({ valueType: 'booleanValue', booleanValue, ...flags })),
      ],
      [3, text.map((stringValue) => ({ valueType: 'stringValue', stringValue, ...flags }))],
      [
        3,
        fc
          .uint8Array({ maxLength: 3 })
          .map((bytes) => ({ valueType: 'blobValue', blobValue: Buffer.from(bytes), ...flags })),
      ],
      [4, fc.double().map((doubleValue) => ({ valueType: 'doubleValue', doubleValue, ...flags }))],
      [
        5,
        fc
          .record({
            latitude: fc.double({ min: -90, max: 90, noNaN: true }),
            longitude: fc.constant(1),
          })
          .map((geoPointValue) => ({ valueType: 'geoPointValue', geoPointValue, ...flags })),
      ],
      [
        6,
        fc.constant({
          valueType: 'keyValue',
          keyValue: {
            partitionId: { projectId: 'p', databaseId: '', namespaceId: '' },
            path: [{ kind: 'A', idType: 'id', id: '1' }],
          },
          ...flags,
        }),
      ],
    ];
    const ranked = fc.oneof(
      ...typed.map(([rank, values]) => values.map((value) => ({ rank, value }))),
    );
    const property = fc.property(ranked, ranked, (a, b) => {
      const [left, right] = [valueBytes(a.value), valueBytes(b.value)];
      const order = left && right && Buffer.compare(left, right);
      return a.rank === b.rank || order === sign(a.rank - b.rank);
    });
    expect(fc.check(property, { numRuns: 1_000 }).counterexample).toBeNull();
  });

  it.each([
    [
      'a timestamp',
      { valueType: 'timestampValue', timestampValue: { seconds: '-1', nanos: 999_999_999 } },
      { valueType: 'integerValue', integerValue: '-1' },
    ],
    [
      'a string',
      { valueType: 'stringValue', stringValue: 'é' },
      { valueType: 'blobValue', blobValue: Buffer.from('é') },
    ],
  ] as [string, Value, Value][])('holds %s for equal to what it is in an index', (_, a, b) => {
    expect(valueBytes(a)).toEqual(valueBytes(b));
  });
});

function compareKeys(a: CompleteKey, b: CompleteKey): number {
  const names = ['projectId', 'databaseId', 'namespaceId'] as const;
  for (const name of names) {
    const order = compareText(a.partitionId[name], b.partitionId[name]);
    if (order !== 0) return order;
  }
  for (const [at, element] of a.path.entries()) {
    const other = b.path[at];
    if (!other) return 1;
    const order = compareElements(element, other);
    if (order !== 0) return order;
  }
  return a.path.length - b.path.length;
}

function compareElements(a: CompleteElement, b: CompleteElement): number {
  const kinds = compareText(a.kind, b.kind);
  if (kinds !== 0) return kinds;
  if (a.idType === 'id' && b.idType === 'id') return compareNumbers(BigInt(a.id), BigInt(b.id));
  if (a.idType === 'name' && b.idType === 'name') return compareText(a.name, b.name);
  return a.idType === 'id' ? -1 : 1;
}
