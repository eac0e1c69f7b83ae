import type { ValueProto } from '../google/datastore-api.js';

/** Datastore refuses longer strings and blobs in an index, bytes: https://cloud.google.com/datastore/docs/concepts/limits */
const longestIndexed = 1_500;

/** A value that no index holds. Of an array it is the elements that carry the flag. */
export function unindexed(value: ValueProto): ValueProto {
  const values = value.arrayValue?.values;
  if (values) return { ...value, arrayValue: { values: values.map(unindexed) } };
  return value.excludeFromIndexes ? value : { ...value, excludeFromIndexes: true };
}

/** A value with everything taken out of the indexes that is too long for one; itself where nothing is. */
export function withoutLongIndexed(value: ValueProto): ValueProto {
  if (value.excludeFromIndexes) return value;
  if (value.arrayValue) {
    const values = value.arrayValue.values ?? [];
    return values.some((element) => withoutLongIndexed(element) !== element)
      ? unindexed(value)
      : value;
  }
  if (value.entityValue) return entityWithoutLongIndexed(value);
  return bytes(value.stringValue ?? value.blobValue) > longestIndexed ? unindexed(value) : value;
}

function entityWithoutLongIndexed(value: ValueProto): ValueProto {
  const members = Object.entries(value.entityValue?.properties ?? {});
  const fitting = members.map(([name, member]) => [name, withoutLongIndexed(member)] as const);
  if (fitting.every(([, member], index) => member === members[index]?.[1])) return value;
  return {
    ...value,
    entityValue: { ...value.entityValue, properties: Object.fromEntries(fitting) },
  };
}

function bytes(value: string | Uint8Array | null | undefined): number {
  return value ? Buffer.byteLength(value) : 0;
}
