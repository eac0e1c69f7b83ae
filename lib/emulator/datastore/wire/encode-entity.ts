import type { Entity, Key, PartitionId, PathElement, Timestamp, Value } from './entity-messages.js';
import { MessageWriter } from './message-writer.js';

/** The entity as any client would encode it: without the fields that say what is so anyway. */
export function encodeEntity(entity: Entity): Buffer {
  const writer = new MessageWriter();
  writeEntity(writer, entity);
  return writer.finish();
}

function writeEntity(to: MessageWriter, { key, properties }: Entity): void {
  for (const [name, value] of Object.entries(properties).toReversed()) {
    to.message(3, () => {
      to.message(2, () => writeValue(to, value));
      to.string(1, name);
    });
  }
  if (key) to.message(1, () => writeKey(to, key));
}

export function writeKey(to: MessageWriter, { partitionId, path }: Key): void {
  for (const element of path.toReversed()) to.message(2, () => writeElement(to, element));
  if (partitionId) to.message(1, () => writePartition(to, partitionId));
}

function writeElement(to: MessageWriter, element: PathElement): void {
  if (element.idType === 'id') to.int64(2, element.id);
  if (element.idType === 'name') to.string(3, element.name);
  to.string(1, element.kind);
}

function writePartition(to: MessageWriter, partition: PartitionId): void {
  const { projectId, databaseId, namespaceId } = partition;
  if (namespaceId !== '') to.string(4, namespaceId);
  if (databaseId !== '') to.string(3, databaseId);
  to.string(2, projectId);
}

export function writeTimestamp(to: MessageWriter, { seconds, nanos }: Timestamp): void {
  if (nanos !== 0) to.uint(2, nanos);
  to.int64(1, seconds);
}

export function writeValue(to: MessageWriter, value: Value): void {
  if (value.excludeFromIndexes) to.bool(19, true);
  if (value.meaning !== 0) to.int64(14, String(value.meaning));
  writeContent(to, value);
}

function writeContent(to: MessageWriter, value: Value): void {
  switch (value.valueType) {
    case 'booleanValue':
      return to.bool(1, value.booleanValue);
    case 'integerValue':
      return to.int64(2, value.integerValue);
    case 'doubleValue':
      return to.double(3, value.doubleValue);
    case 'keyValue':
      return to.message(5, () => writeKey(to, value.keyValue));
    case 'entityValue':
      return to.message(6, () => writeEntity(to, value.entityValue));
    case 'geoPointValue': {
      const { latitude, longitude } = value.geoPointValue;
      return to.message(8, () => {
        to.double(2, longitude);
        to.double(1, latitude);
      });
    }
    case 'arrayValue':
      return to.message(9, () => {
        for (const element of value.arrayValue.values.toReversed())
          to.message(1, () => writeValue(to, element));
      });
    case 'timestampValue':
      return to.message(10, () => writeTimestamp(to, value.timestampValue));
    case 'nullValue':
      return to.uint(11, 0);
    case 'stringValue':
      return to.string(17, value.stringValue);
    case 'blobValue':
      return to.bytes(18, value.blobValue);
    case undefined:
    default:
      return undefined;
  }
}
