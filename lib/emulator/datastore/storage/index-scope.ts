import { partitionBytes } from '../keys/key-bytes.js';
import { Memo } from '../memo.js';
import { orderedString } from '../values/ordered-bytes.js';
import type { PartitionId } from '../wire/entity-messages.js';

/** The property by which every entity of a kind has one entry: its key as a value. */
export const KEY_PROPERTY = '__key__';

const scopes = new Memo<Buffer>(10_000);

/** What tells the index of one property of one kind from all others. */
export function indexScope(partition: PartitionId, kind: string, property: string): Buffer {
  const before = partitionBytes(partition);
  const name = `${kind.length} ${property.length} ${kind}${property}${before.toString('latin1')}`;
  return scopes.get(name, () =>
    Buffer.concat([before, orderedString(kind), orderedString(property)]),
  );
}
