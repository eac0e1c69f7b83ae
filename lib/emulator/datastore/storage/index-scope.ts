import { partitionBytes } from '../keys/key-bytes.js';
import { Memo } from '../memo.js';
import { orderedString } from '../values/ordered-bytes.js';
import type { PartitionId } from '../wire/entity-messages.js';

/** The property by which every entity of a kind has one entry: its key as a value. */
export const KEY_PROPERTY = '__key__';

type ScopeOf = (property: string) => Buffer;

const kinds = new Memo<ScopeOf>(100);

/** What tells the index of one property of one kind from all others. */
export function indexScope(partition: PartitionId, kind: string, property: string): Buffer {
  return indexScopes(partition, kind)(property);
}

/** The same for many properties of one kind. */
export function indexScopes(partition: PartitionId, kind: string): ScopeOf {
  const { projectId, databaseId, namespaceId } = partition;
  // Only the kind can have a slash.
  return kinds.get(`${projectId}/${databaseId}/${namespaceId}/${kind}`, () => {
    const scopes = new Memo<Buffer>(1_000);
    const before = Buffer.concat([partitionBytes(partition), orderedString(kind)]);
    return (property) =>
      scopes.get(property, () => Buffer.concat([before, orderedString(property)]));
  });
}
