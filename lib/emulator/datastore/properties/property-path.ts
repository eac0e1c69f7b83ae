import { isReserved } from '../keys/reserved.js';
import { invalidArgument } from '../refusals.js';
import { KEY_PROPERTY } from '../storage/index-scope.js';
import type { Properties, Value } from '../wire/entity-messages.js';

/** Names from a property of the entity inwards. */
export type PropertyPath = readonly string[];

/** A plain name, or one in backquotes with `\` before a backquote or backslash; as Google's emulator demands it. */
const SEGMENT = /([a-zA-Z_][a-zA-Z_0-9]*|`(?:[^`\\]|\\.)+`)(\.(?=.)|$)/sy;

/** Reads `a.b` or `` a.`b.c` ``. Throws INVALID_ARGUMENT for anything else and for reserved names but the key's. */
export function parsePath(text: string): PropertyPath {
  if (text === '') throw invalidArgument('Invalid empty property path string.');
  const path: string[] = [];
  const segment = new RegExp(SEGMENT);
  while (segment.lastIndex < text.length) {
    const found = segment.exec(text);
    if (!found?.[1]) throw invalidArgument(`Invalid property path "${text}".`);
    path.push(unquoted(found[1]));
  }
  const reserved = path.find((name) => isReserved(name) && name !== KEY_PROPERTY);
  if (reserved) throw invalidArgument(`The property_mask.property.name "${reserved}" is reserved.`);
  return path;
}

/** What is there, if anything is. */
export function valueAt(
  properties: Properties,
  [name = '', ...inner]: PropertyPath,
): Value | undefined {
  const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (inner.length === 0 || !value) return value;
  return value.valueType === 'entityValue'
    ? valueAt(value.entityValue.properties, inner)
    : undefined;
}

/** A copy with `value` there, inside new entities where there are none; or, for undefined, with nothing there. */
export function withValueAt(
  properties: Properties,
  [name = '', ...inner]: PropertyPath,
  value: Value | undefined,
): Properties {
  const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (inner.length === 0) {
    const others = Object.entries(properties).filter(([other]) => other !== name);
    return Object.fromEntries(value ? [...others, [name, value]] : others);
  }
  if (own?.valueType !== 'entityValue') {
    return value
      ? { ...properties, [name]: entityValue(withValueAt({}, inner, value)) }
      : properties;
  }
  const { key, properties: old } = own.entityValue;
  const entity = { key, properties: withValueAt(old, inner, value) };
  return { ...properties, [name]: { ...own, entityValue: entity } };
}

function entityValue(properties: Properties): Value {
  const entity = { key: null, properties };
  return { valueType: 'entityValue', entityValue: entity, meaning: 0, excludeFromIndexes: false };
}

function unquoted(segment: string): string {
  return segment.startsWith('`') ? segment.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : segment;
}
