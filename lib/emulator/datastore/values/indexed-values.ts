import type { Properties, Value } from '../wire/entity-messages.js';
import { valueBytes } from './value-bytes.js';

/** What an entity has in the indexes: for each property the distinct bytes of its values, ascending. */
export type IndexedValues = ReadonlyMap<string, readonly Buffer[]>;

/**
 * The indexed values of an entity's properties. An array counts with each of its elements, an empty one not at all;
 * the properties of an embedded entity count as `property.inner`; what is excluded from indexes is left out.
 */
export function indexedValues(properties: Properties): IndexedValues {
  const found = new Map<string, Buffer[]>();
  collectAll('', properties, found);
  for (const [name, values] of found) found.set(name, ascendingDistinct(values));
  return found;
}

function collectAll(prefix: string, properties: Properties, found: Map<string, Buffer[]>): void {
  for (const [name, value] of Object.entries(properties)) collect(prefix + name, value, found);
}

function collect(name: string, value: Value, found: Map<string, Buffer[]>): void {
  if (value.excludeFromIndexes) return;
  if (value.valueType === 'arrayValue') {
    for (const element of value.arrayValue.values) collect(name, element, found);
  } else if (value.valueType === 'entityValue') {
    collectAll(`${name}.`, value.entityValue.properties, found);
  } else {
    const bytes = valueBytes(value);
    if (bytes)
      found
        .set(name, found.get(name) ?? [])
        .get(name)
        ?.push(bytes);
  }
}

function ascendingDistinct(values: Buffer[]): Buffer[] {
  if (values.length < 2) return values;
  const sorted = values.toSorted((a, b) => Buffer.compare(a, b));
  return sorted.filter((value, at) => at === 0 || !value.equals(sorted[at - 1] ?? value));
}
