import { Datastore } from '@google-cloud/datastore';
import { keyFromProto } from './keys.js';
import { milliseconds } from './timestamp.js';
import type { EntityProto, ValueProto } from '../google/datastore-api.js';

/** A stored value as a handler sees it. Integers beyond 2^53 are bigints, so that no digit is lost. */
export function decodeValue(value: ValueProto): unknown {
  if (isSet(value.stringValue)) return value.stringValue;
  if (isSet(value.integerValue)) return decodeInteger(value.integerValue);
  if (isSet(value.doubleValue)) return value.doubleValue;
  if (isSet(value.booleanValue)) return value.booleanValue;
  if (isSet(value.timestampValue)) return new Date(milliseconds(value.timestampValue));
  if (isSet(value.keyValue)) return keyFromProto(value.keyValue);
  if (isSet(value.blobValue)) return decodeBytes(value.blobValue);
  if (isSet(value.geoPointValue)) {
    const { latitude, longitude } = value.geoPointValue;
    return Datastore.geoPoint({ latitude: latitude ?? 0, longitude: longitude ?? 0 });
  }
  if (isSet(value.arrayValue)) return (value.arrayValue.values ?? []).map(decodeValue);
  if (isSet(value.entityValue)) return decodeProperties(value.entityValue);
  return null;
}

/** A stored entity's properties as a plain object. */
export function decodeProperties({ properties }: EntityProto): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, value]) => [name, decodeValue(value)]),
  );
}

function decodeInteger(value: string | number): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

function decodeBytes(value: Uint8Array | string): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.from(value);
}

/** Whether a member of a oneof is the one that is set: the others are absent or null. */
export function isSet<T>(member: T | null | undefined): member is T {
  return member !== null && member !== undefined;
}
