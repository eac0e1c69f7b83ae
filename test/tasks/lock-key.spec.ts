import { Datastore, Key } from '@google-cloud/datastore';
import {
  assert,
  asyncProperty,
  array,
  bigInt,
  constantFrom,
  oneof,
  record,
  string,
  property,
  uint8Array,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyFromProto, keyText, keyToProto } from '../../lib/datastore/keys.js';
import type { KeyProto } from '../../lib/google/datastore-api.js';
import { decodeLockKey, encodeLockKey } from '../../lib/tasks/lock-key.js';

const datastore = new Datastore({ projectId: 'my-project' });

const name = string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter(
  (text) => Buffer.from(text).toString() === text && !text.includes('\0'),
);
const identifier = oneof(
  name.map((text) => ({ name: text })),
  bigInt({ min: 1n, max: 2n ** 63n - 1n }).map((id) => ({ id: String(id) })),
);
const element = record({ kind: name, identifier });
const path = array(element, { minLength: 1, maxLength: 4 }).map((elements) =>
  elements.map(({ kind, identifier: own }) => ({ kind, ...own })),
);
const namespaceId = constantFrom('', 'tenant', 'a.b-c_d');
const key = record({ path, partitionId: record({ namespaceId }) });
const address = record({
  projectId: constantFrom('my-project', 'example.com:my-project'),
  databaseId: constantFrom('', 'other'),
  key,
});

describe('X-Lock-Key', () => {
  it('says which entity, whatever its key is made of', () => {
    assert(
      property(address, (own) => {
        const header = encodeLockKey(own);
        expect(header).toMatch(/^[\w-]+$/);
        expect(decodeLockKey(header)).toEqual(own);
      }),
    );
  });

  it('is read as the official client writes it for App Engine, quoted or not', async () => {
    await assert(
      asyncProperty(key, async (own: KeyProto) => {
        const official = keyFromProto(own);
        const [legacy = ''] = await datastore.keyToLegacyUrlSafe(official, 's~');
        const expected = { projectId: 'my-project', databaseId: '', key: own };
        expect(decodeLockKey(legacy)).toEqual(expected);
        expect(decodeLockKey(`"${legacy}"`)).toEqual(expected);
      }),
    );
  });

  it.each([
    ['agpzfm9yZGVycy0xcgsLEgVPcmRlchgBDA', 'Order/1'],
    ['agpzfm9yZGVycy0xcgsLEgVPcmRlchgBDA==', 'Order/1'],
    [
      'agpzfm9yZGVycy0xciILEgRTaG9wIgttYWluIHN0cmVldAwLEgVPcmRlchiAoT4MogEGdGVuYW50',
      'tenant:Shop/"main street"/Order/1020032',
    ],
  ])('is read in the bytes that are in old queues: %s', (header, text) => {
    const { projectId, key: own } = decodeLockKey(header);
    expect(`${projectId} ${keyText(own)}`).toBe(`orders-1 ${text}`);
  });

  it('is either read or refused with a SyntaxError, whatever the bytes', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), (bytes) => {
        const header = Buffer.from(bytes).toString('base64url');
        const outcome = attempt(() => decodeLockKey(header));
        expect(outcome instanceof SyntaxError || 'key' in outcome).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is either read or refused with a SyntaxError, whatever was done to a good one', async () => {
    const [legacy = ''] = await datastore.keyToLegacyUrlSafe(
      new Key({ path: ['Job', 'a', 'Job', 5] }),
    );
    const good = Buffer.from(legacy, 'base64url');
    for (let at = 0; at < good.length; at++)
      for (const value of [0, 1, 0x0c, 0x7f, 0x80, 0xff]) {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        const outcome = attempt(() => decodeLockKey(bytes.toString('base64url')));
        expect(outcome instanceof SyntaxError || 'key' in outcome).toBe(true);
      }
  });
});

describe('a key', () => {
  it('survives the way to the official client and back', () => {
    assert(
      property(key, (own: KeyProto) => {
        expect(keyToProto(keyFromProto(own))).toEqual(own);
      }),
    );
  });

  it('has a text that no other key has', () => {
    assert(
      property(key, key, (one: KeyProto, other: KeyProto) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(keyText(one) === keyText(other)).toBe(isSame);
      }),
      { numRuns: 500 },
    );
    expect(keyText({ path: [{ kind: 'Shop', name: '5' }] })).toBe('Shop/"5"');
    expect(keyText({ path: [{ kind: 'Shop', id: '5' }] })).toBe('Shop/5');
  });
});

function attempt<T extends object>(work: () => T): T | SyntaxError {
  try {
    return work();
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}
