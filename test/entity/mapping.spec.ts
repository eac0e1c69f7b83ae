import {
  anything,
  array,
  assert,
  bigInt,
  boolean,
  constant,
  dictionary,
  double,
  integer,
  letrec,
  oneof,
  property,
  string,
  uint8Array,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Datastore } from '@google-cloud/datastore';
import { decodeValue } from '../../lib/datastore/decode.js';
import { encodeValue } from '../../lib/datastore/encode.js';
import { UnsupportedValueError } from '../../lib/locker.errors.js';
import type { ValueProto } from '../../lib/google/datastore-api.js';

const hidden = <T extends object>(value: T) => ({ ...value, excludeFromIndexes: true });

/** Any value that Datastore can store. */
const { value } = letrec<{ value: ValueProto; flat: ValueProto }>((tie) => ({
  flat: oneof(
    { maxDepth: 3 },
    string().map((stringValue) => ({ stringValue })),
    string().map((stringValue) => hidden({ stringValue })),
    bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => ({ integerValue: String(n) })),
    double().map((doubleValue) => ({ doubleValue })),
    integer().map((doubleValue) => hidden({ doubleValue })),
    boolean().map((booleanValue) => ({ booleanValue })),
    integer().map((n) => ({ timestampValue: { seconds: String(n), nanos: 123_456_000 } })),
    uint8Array({ maxLength: 9 }).map((bytes) => ({ blobValue: Buffer.from(bytes) })),
    constant<ValueProto>({ nullValue: 'NULL_VALUE' }),
    dictionary(string({ minLength: 1 }), tie('value'), { maxKeys: 3, noNullPrototype: true }).map(
      (properties): ValueProto => ({ entityValue: { properties } }),
    ),
  ),
  value: oneof(
    { maxDepth: 3 },
    tie('flat'),
    array(tie('flat'), { maxLength: 3 }).map((values): ValueProto => ({ arrayValue: { values } })),
  ),
}));

describe('a value', () => {
  it('that nobody changed is the stored one itself', () => {
    assert(
      property(value, (stored) => {
        expect(encodeValue(decodeValue(stored), 'p', stored)).toBe(stored);
      }),
      { numRuns: 500 },
    );
  });

  it('that is stored anew is read as what it was', () => {
    assert(
      property(value, (stored) => {
        const given = decodeValue(stored);
        expect(decodeValue(encodeValue(given, 'p'))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps its kind of number and its index flag when it changes', () => {
    expect(encodeValue(2, 'p', { doubleValue: 1 })).toEqual({ doubleValue: 2 });
    expect(encodeValue(2, 'p', { integerValue: '1' })).toEqual({ integerValue: '2' });
    expect(encodeValue(2.5, 'p', { integerValue: '1' })).toEqual({ doubleValue: 2.5 });
    expect(encodeValue(-0, 'p', { integerValue: '1' })).toEqual({ doubleValue: -0 });
    expect(encodeValue(2n ** 60n, 'p', { doubleValue: 1 })).toEqual({
      integerValue: '1152921504606846976',
    });
    expect(encodeValue('b', 'p', hidden({ stringValue: 'a' }))).toEqual(
      hidden({ stringValue: 'b' }),
    );
    expect(encodeValue('b', 'p', hidden({ integerValue: '1' }))).toEqual(
      hidden({ stringValue: 'b' }),
    );
    const list = { arrayValue: { values: [hidden({ stringValue: 'a' })] } };
    expect(encodeValue(['a', 'b'], 'p', list)).toEqual({
      arrayValue: { values: [hidden({ stringValue: 'a' }), hidden({ stringValue: 'b' })] },
    });
  });

  it('may be one of the official client', () => {
    expect(encodeValue(Datastore.int('9007199254740993'), 'p')).toEqual({
      integerValue: '9007199254740993',
    });
    expect(encodeValue(Datastore.double(3), 'p')).toEqual({ doubleValue: 3 });
    expect(encodeValue(Datastore.geoPoint({ latitude: 1, longitude: 2 }), 'p')).toEqual({
      geoPointValue: { latitude: 1, longitude: 2 },
    });
  });

  it.each<[string, unknown, string]>([
    ['a symbol', Symbol('x'), 'Property "p" holds symbol'],
    ['a function', () => 1, 'Property "p" holds function'],
    ['nothing', undefined, 'Property "p" holds undefined'],
    ['an invalid date', new Date(NaN), 'Property "p" holds an invalid Date'],
    ['an array in an array', [[1]], 'Property "p[0]" holds an array inside an array'],
    ['nothing, deeper', [1, { a: [undefined] }], 'Property "p[1].a[0]" holds undefined'],
  ])('that is %s is refused by its place', (_, given, message) => {
    expect(() => encodeValue(given, 'p')).toThrow(message);
  });

  it('is either stored or refused in words, whatever it is', () => {
    assert(
      property(anything({ withDate: true, withBigInt: true, withTypedArray: true }), (given) => {
        expect(attempt(() => encodeValue(given, 'p'))).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });
});

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnsupportedValueError) return error.message;
    throw error;
  }
}
