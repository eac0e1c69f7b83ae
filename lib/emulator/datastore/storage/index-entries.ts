import { indexedValues } from '../values/indexed-values.js';
import { KEY_TYPE } from '../values/value-bytes.js';
import type { PartitionId, Properties } from '../wire/entity-messages.js';
import { indexScopes, KEY_PROPERTY } from './index-scope.js';

/** One value of one property of one entity. */
export interface IndexEntry {
  readonly scope: Buffer;
  /** Order-preserving bytes of the value. Of the key as a value only its type: the key follows anyway. */
  readonly value: Buffer;
}

/** What an entity has in the indexes: each entry once. */
export function indexEntries(
  partition: PartitionId,
  kind: string,
  properties: Properties,
): IndexEntry[] {
  const scopeOf = indexScopes(partition, kind);
  const entries: IndexEntry[] = [{ scope: scopeOf(KEY_PROPERTY), value: KEY_TYPE }];
  for (const [property, values] of indexedValues(properties)) {
    const scope = scopeOf(property);
    for (const value of values) entries.push({ scope, value });
  }
  return entries;
}

/** The entries that only one of the two has. */
export function difference(before: readonly IndexEntry[], after: readonly IndexEntry[]) {
  // Most are where they were.
  const left = before.filter((entry, at) => !isSame(entry, after[at]));
  const right = after.filter((entry, at) => !isSame(entry, before[at]));
  const [leftNames, rightNames] = [new Set(left.map(nameOf)), new Set(right.map(nameOf))];
  return {
    removed: left.filter((entry) => !rightNames.has(nameOf(entry))),
    added: right.filter((entry) => !leftNames.has(nameOf(entry))),
  };
}

function isSame({ scope, value }: IndexEntry, other: IndexEntry | undefined): boolean {
  return other !== undefined && value.equals(other.value) && scope.equals(other.scope);
}

function nameOf({ scope, value }: IndexEntry): string {
  return scope.toString('latin1') + value.toString('latin1');
}
