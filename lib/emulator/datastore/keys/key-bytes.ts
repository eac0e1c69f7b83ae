import { Memo } from '../memo.js';
import { orderedInteger, orderedString } from '../values/ordered-bytes.js';
import type { PartitionId } from '../wire/entity-messages.js';
import type { CompleteElement, CompleteKey } from './key.js';

const ID = Buffer.of(0x01);
const NAME = Buffer.of(0x02);

/** Below the first byte of any kind. */
const END = Buffer.of(0x00);

export interface KeyWithBytes {
  readonly key: CompleteKey;
  /** Order-preserving. */
  readonly bytes: Buffer;
}

export function withBytes(key: CompleteKey): KeyWithBytes {
  return { key, bytes: keyBytes(key) };
}

/** Order-preserving bytes of a key: partition, then path, ids before names, a parent before its children. */
export function keyBytes(key: CompleteKey): Buffer {
  return Buffer.concat([...partsOf(key), END]);
}

/** The bytes as a string, to find them by; {@link bytesOfName} is the way back. */
export function nameOfKey(bytes: Buffer): string {
  return bytes.toString('latin1');
}

export function bytesOfName(name: string): Buffer {
  return Buffer.from(name, 'latin1');
}

/** What the bytes of a key and of all its descendants begin with, and those of no other. */
export function familyBytes(key: CompleteKey): Buffer {
  return Buffer.concat(partsOf(key));
}

/** What the bytes of every key of a partition begin with, and those of no other. */
export function partitionBytes({ projectId, databaseId, namespaceId }: PartitionId): Buffer {
  const parts = [projectId, databaseId, namespaceId];
  return partitions.get(parts.join('/'), () => Buffer.concat(parts.map(orderedString)));
}

/** None of the three names has a slash. */
const partitions = new Memo<Buffer>(1_000);

function partsOf({ partitionId, path }: CompleteKey): Buffer[] {
  return [partitionBytes(partitionId), ...path.flatMap(partsOfElement)];
}

function partsOfElement(element: CompleteElement): Buffer[] {
  const kind = kinds.get(element.kind, () => orderedString(element.kind));
  return element.idType === 'id'
    ? [kind, ID, orderedInteger(BigInt(element.id))]
    : [kind, NAME, orderedString(element.name)];
}

const kinds = new Memo<Buffer>(1_000);
