import type { CompleteKey } from '../keys/key.js';
import { isComplete } from '../keys/key.js';
import { keyBytes } from '../keys/key-bytes.js';
import { toMicros } from '../time.js';
import type { Key, Value } from '../wire/entity-messages.js';
import { orderedBytes, orderedDouble, orderedInteger, orderedString } from './ordered-bytes.js';

/**
 * The order of types: https://cloud.google.com/appengine/docs/legacy/standard/go111/datastore/entity-property-reference
 * (null, fixed-point numbers, byte sequences, floating-point numbers, geographical points, keys).
 */
export const Type = {
  NULL: Buffer.of(0x10),
  INTEGER: Buffer.of(0x20),
  BOOLEAN: Buffer.of(0x30),
  BYTES: Buffer.of(0x40),
  DOUBLE: Buffer.of(0x50),
  GEO_POINT: Buffer.of(0x60),
  KEY: Buffer.of(0x70),
};

/** The bytes of a key as a value: this, then those of the key. */
export const KEY_TYPE = Type.KEY;

/**
 * Bytes that compare as Datastore orders values. What Datastore holds for equal has equal bytes: a timestamp and its
 * microseconds as an integer, a string and its UTF-8 as a blob. Undefined for what has no place in an index itself:
 * entities, arrays, nothing.
 */
export function valueBytes(value: Value): Buffer | undefined {
  switch (value.valueType) {
    case 'nullValue':
      return Type.NULL;
    case 'integerValue':
      return Buffer.concat([Type.INTEGER, orderedInteger(BigInt(value.integerValue))]);
    case 'timestampValue':
      return Buffer.concat([Type.INTEGER, orderedInteger(toMicros(value.timestampValue))]);
    case 'booleanValue':
      return Buffer.concat([Type.BOOLEAN, Buffer.of(value.booleanValue ? 1 : 0)]);
    case 'blobValue':
      return Buffer.concat([Type.BYTES, orderedBytes(value.blobValue)]);
    case 'stringValue':
      return Buffer.concat([Type.BYTES, orderedString(value.stringValue)]);
    case 'doubleValue':
      return Buffer.concat([Type.DOUBLE, orderedDouble(value.doubleValue)]);
    case 'geoPointValue': {
      const { latitude, longitude } = value.geoPointValue;
      return Buffer.concat([Type.GEO_POINT, orderedDouble(latitude), orderedDouble(longitude)]);
    }
    case 'keyValue':
      return hasPartition(value.keyValue) ? keyValueBytes(value.keyValue) : undefined;
    case 'entityValue':
    case 'arrayValue':
    case undefined:
    default:
      return undefined;
  }
}

export function keyValueBytes(key: CompleteKey): Buffer {
  return Buffer.concat([KEY_TYPE, keyBytes(key)]);
}

function hasPartition(key: Key): key is CompleteKey {
  return key.partitionId !== null && key.path.every(isComplete);
}
