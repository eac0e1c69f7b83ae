import { array, assert, bigInt, constantFrom, oneof, property, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyFromText } from '../../lib/datastore/key-from-text.js';
import { keyText } from '../../lib/datastore/keys.js';

describe('a key from its text', () => {
  const element = oneof(
    record({
      kind: constantFrom('Order', 'Shop-2', 'Ünï'),
      name: string({ minLength: 1, unit: 'binary' }),
    }),
    record({
      kind: constantFrom('Order', 'x_y'),
      id: bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String),
    }),
  );

  it('is the key that the text was made of, whatever its names hold', () => {
    const path = array(element, { minLength: 1, maxLength: 4 });
    assert(
      property(path, constantFrom('', 'tenant-a', 'a.b_c'), (elements, namespaceId) => {
        const key = { partitionId: { namespaceId }, path: elements };
        expect(keyFromText(keyText(key))).toEqual(key);
      }),
    );
  });

  it.each([
    '',
    'Order',
    'Order/',
    'Order/?',
    'Order/a',
    'Order/"',
    'Order/""',
    'Order/5/',
    'Order/5/Line',
    '/5',
    'a:',
    'Order/"\\x"',
  ])('is none: %j', (text) => {
    expect(keyFromText(text)).toBeUndefined();
  });
});
