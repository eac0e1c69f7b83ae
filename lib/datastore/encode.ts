import { isDeepStrictEqual } from 'node:util';
import { Datastore } from '@google-cloud/datastore';
import { keyToProto } from './keys.js';
import { timestamp } from './timestamp.js';
import type { EntityProto, ValueProto } from '../google/datastore-api.js';
import { UnsupportedValueError } from '../locker.errors.js';
import { decodeValue, isSet } from './decode.js';
import { unindexed } from './indexing.js';

/**
 * The proto of a handler's value. One that equals what is stored is the stored proto itself, byte for byte; a
 * changed one keeps the stored kind of number and the stored index flag, nested values too.
 *
 * @param path the property's name, for messages
 * @throws UnsupportedValueError for what Datastore has no type for
 */
export function encodeValue(value: unknown, path: string, stored?: ValueProto): ValueProto {
  if (stored && isDeepStrictEqual(decodeValue(stored), value)) return stored;
  const encoded = encode(value, path, stored);
  return stored?.excludeFromIndexes && !encoded.arrayValue ? unindexed(encoded) : encoded;
}

function encode(value: unknown, path: string, stored?: ValueProto): ValueProto {
  if (value === null) return { nullValue: 'NULL_VALUE' };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { booleanValue: value };
  if (typeof value === 'bigint') return { integerValue: String(value) };
  if (typeof value === 'number') return encodeNumber(value, stored);
  if (typeof value === 'object') return encodeObject(value, path, stored);
  throw new UnsupportedValueError(path, typeof value);
}

function encodeNumber(value: number, stored?: ValueProto): ValueProto {
  const isDouble =
    !Number.isSafeInteger(value) || isSet(stored?.doubleValue) || Object.is(value, -0);
  return isDouble ? { doubleValue: value } : { integerValue: String(value) };
}

function encodeObject(value: object, path: string, stored?: ValueProto): ValueProto {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new UnsupportedValueError(path, 'an invalid Date');
    return { timestampValue: timestamp(value.getTime()) };
  }
  if (value instanceof Uint8Array) return { blobValue: Buffer.from(value) };
  if (Array.isArray(value)) return encodeArray(value, path, stored);
  if (Datastore.isKey(value)) return { keyValue: keyToProto(value) };
  if (Datastore.isGeoPoint(value)) return { geoPointValue: value.value };
  if (Datastore.isInt(value)) return { integerValue: value.value };
  if (Datastore.isDouble(value)) return { doubleValue: value.value };
  return { entityValue: encodeProperties(value, path, stored?.entityValue ?? undefined) };
}

function encodeArray(values: unknown[], path: string, stored?: ValueProto): ValueProto {
  const guides = stored?.arrayValue?.values ?? [];
  const hidden = guides.some((guide) => guide.excludeFromIndexes);
  const encoded = values.map((element, index) => {
    const place = `${path}[${index}]`;
    if (Array.isArray(element)) throw new UnsupportedValueError(place, 'an array inside an array');
    const value = encodeValue(element, place, guides[index]);
    return hidden ? unindexed(value) : value;
  });
  return { arrayValue: { values: encoded } };
}

function encodeProperties(value: object, path: string, stored?: EntityProto): EntityProto {
  const guides = stored?.properties ?? {};
  const properties = Object.entries(value)
    .filter(([, member]) => member !== undefined && typeof member !== 'function')
    .map(([name, member]) => [name, encodeValue(member, `${path}.${name}`, guides[name])] as const);
  return { ...(stored?.key && { key: stored.key }), properties: Object.fromEntries(properties) };
}
