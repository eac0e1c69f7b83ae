import { partitionBytes } from '../keys/key-bytes.js';
import { orderedString } from '../values/ordered-bytes.js';
import type { PartitionId } from '../wire/entity-messages.js';

/** The property by which every entity of a kind has one entry: its key as a value. */
export const KEY_PROPERTY = '__key__';

/** What tells the index of one property of one kind from all others. */
export function indexScope(partition: PartitionId, kind: string, property: string): Buffer {
  return Buffer.concat([partitionBytes(partition), orderedString(kind), orderedString(property)]);
}
