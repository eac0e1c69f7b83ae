import type { Entity, Key, PartitionId, Value } from './entity-messages.js';

/** The entity without the fields that say what is so anyway, as any client would encode it. */
export function leanEntity({ key, properties }: Entity): object {
  const entries = Object.entries(properties).map(
    ([name, value]) => [name, leanValue(value)] as const,
  );
  return { ...(key && { key: leanKey(key) }), properties: Object.fromEntries(entries) };
}

function leanValue(value: Value): object {
  const { meaning, excludeFromIndexes, ...content } = value;
  return {
    ...content,
    ...leanContent(value),
    ...(meaning !== 0 && { meaning }),
    ...(excludeFromIndexes && { excludeFromIndexes }),
  };
}

/** What has other values inside. */
function leanContent(value: Value): object {
  if (value.valueType === 'keyValue') return { keyValue: leanKey(value.keyValue) };
  if (value.valueType === 'entityValue') return { entityValue: leanEntity(value.entityValue) };
  if (value.valueType !== 'arrayValue') return {};
  return { arrayValue: { values: value.arrayValue.values.map(leanValue) } };
}

function leanKey({ partitionId, path }: Key): object {
  return { ...(partitionId && { partitionId: leanPartition(partitionId) }), path };
}

function leanPartition({ projectId, databaseId, namespaceId }: PartitionId): object {
  return {
    projectId,
    ...(databaseId !== '' && { databaseId }),
    ...(namespaceId !== '' && { namespaceId }),
  };
}
