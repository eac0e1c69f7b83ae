import { completeKey } from '../keys/key-rules.js';
import { databaseOf, partitionOf } from '../keys/partition.js';
import { invalidArgument } from '../refusals.js';
import type { Entity, Key, Properties, Timestamp, Value } from '../wire/entity-messages.js';
import type { DatabaseRequest } from '../wire/requests.js';
import { checkPropertyName } from './entity-limits.js';

/** https://cloud.google.com/datastore/docs/concepts/limits */
const MAX_INDEXED_BYTES = 1500;

/** The mark of values that came out of an index: they cannot be stored again. */
const PROJECTION_MEANING = 18;

/** 0001-01-01 to 9999-12-31: google/protobuf/timestamp.proto */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/** Properties as they are stored: partitions filled in, times cut to microseconds. Throws INVALID_ARGUMENT. */
export function storableProperties(
  properties: Properties,
  request: DatabaseRequest,
  indexed = true,
): Properties {
  const entries = Object.entries(properties).map(([name, value]) => {
    checkPropertyName(name);
    return [name, storableValue(name, value, request, indexed)] as const;
  });
  return Object.fromEntries(entries);
}

/** A value as it is stored. `indexed` is false inside something that is excluded from indexes. */
function storableValue(
  name: string,
  value: Value,
  request: DatabaseRequest,
  indexed: boolean,
): Value {
  if (value.meaning === PROJECTION_MEANING) {
    throw invalidArgument('Projection property cannot be used.');
  }
  const isIndexed = indexed && !value.excludeFromIndexes;
  switch (value.valueType) {
    case undefined:
      throw invalidArgument(`The value "${name}" does not contain a value.`);
    case 'stringValue':
      if (isIndexed) checkIndexedSize(name, Buffer.byteLength(value.stringValue));
      return value;
    case 'blobValue':
      if (isIndexed) checkIndexedSize(name, value.blobValue.length);
      return value;
    case 'timestampValue':
      return { ...value, timestampValue: storableTimestamp(value.timestampValue) };
    case 'geoPointValue':
      checkAngle('latitude', value.geoPointValue.latitude, 90);
      checkAngle('longitude', value.geoPointValue.longitude, 180);
      return value;
    case 'keyValue':
      return {
        ...value,
        keyValue: completeKey(value.keyValue, databaseOf(value.keyValue, request)),
      };
    case 'entityValue':
      return { ...value, entityValue: storableInnerEntity(value.entityValue, request, isIndexed) };
    case 'arrayValue':
      return storableArray(name, value, request, indexed);
    case 'nullValue':
    case 'booleanValue':
    case 'integerValue':
    case 'doubleValue':
    default:
      return value;
  }
}

function storableArray(
  name: string,
  value: Extract<Value, { valueType: 'arrayValue' }>,
  request: DatabaseRequest,
  indexed: boolean,
): Value {
  if (value.excludeFromIndexes) {
    throw invalidArgument('Exclude from indexes cannot be set on a list value');
  }
  const values = value.arrayValue.values.map((element) => {
    if (element.valueType !== 'arrayValue') return storableValue(name, element, request, indexed);
    throw invalidArgument(`The value "${name}" is a list in a list.`);
  });
  return { ...value, arrayValue: { values } };
}

function storableTimestamp({ seconds, nanos }: Timestamp): Timestamp {
  if (Number(seconds) < FIRST_SECOND || Number(seconds) > LAST_SECOND) {
    throw invalidArgument('Timestamp seconds exceeds limit for field');
  }
  if (nanos < 0 || nanos > 999_999_999) {
    throw invalidArgument('Timestamp nanos exceeds limit for field');
  }
  return { seconds, nanos: nanos - (nanos % 1000) };
}

function checkIndexedSize(name: string, bytes: number): void {
  if (bytes <= MAX_INDEXED_BYTES) return;
  throw invalidArgument(
    `The value of property "${name}" is longer than ${MAX_INDEXED_BYTES} bytes.`,
  );
}

function checkAngle(what: string, degrees: number, limit: number): void {
  if (Math.abs(degrees) <= limit) return;
  throw invalidArgument(`Geo point ${what} outside permitted range -${limit}.0 to ${limit}.0.`);
}

/** An entity inside another: its key is optional, may be incomplete, and may be reserved. */
function storableInnerEntity(
  { key, properties }: Entity,
  request: DatabaseRequest,
  indexed: boolean,
): Entity {
  return {
    key: key && withPartition(key, request),
    properties: storableProperties(properties, request, indexed),
  };
}

function withPartition(key: Key, request: DatabaseRequest): Key {
  if (key.path.length === 0 && !key.partitionId) return key;
  return { ...key, partitionId: partitionOf(key.partitionId, request) };
}
