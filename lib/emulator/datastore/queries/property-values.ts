import { valueBytes } from '../values/value-bytes.js';
import type { Properties, Value } from '../wire/entity-messages.js';

/** The values that a property, also one inside entities (`outer.inner`), has in the index; each once. */
export function indexedElements(properties: Properties, name: string): Value[] {
  const distinct = new Map<string, Value>();
  for (const value of elements(properties, name)) {
    const bytes = valueBytes(value)?.toString('hex');
    if (bytes !== undefined && !distinct.has(bytes)) distinct.set(bytes, value);
  }
  return [...distinct.values()];
}

function elements(properties: Properties, name: string): Value[] {
  return Object.entries(properties).flatMap(([own, value]) => {
    if (value.excludeFromIndexes) return [];
    if (own === name) return elementsOf(value);
    if (!name.startsWith(`${own}.`)) return [];
    const inner = name.slice(own.length + 1);
    return elementsOf(value).flatMap((element) =>
      element.valueType === 'entityValue' ? elements(element.entityValue.properties, inner) : [],
    );
  });
}

function elementsOf(value: Value): Value[] {
  const all = value.valueType === 'arrayValue' ? value.arrayValue.values : [value];
  return all.filter(({ excludeFromIndexes }) => !excludeFromIndexes);
}
