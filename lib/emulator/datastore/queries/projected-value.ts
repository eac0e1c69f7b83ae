import { isUtf8 } from 'node:buffer';
import { numberValue } from '../properties/numbers.js';
import { toMicros } from '../time.js';
import { valueBytes } from '../values/value-bytes.js';
import type { Properties, Value } from '../wire/entity-messages.js';
import { indexedElements } from './property-values.js';

/** Says of a value that it came out of an index. */
const MEANING = 18;

/** The value of a property that has these bytes in the index, as a projection shows it. */
export function projectedValue(
  properties: Properties,
  name: string,
  bytes: Buffer,
): Value | undefined {
  const values = indexedElements(properties, name);
  const found = values.find((value) => valueBytes(value)?.equals(bytes));
  return found && { ...asIndexed(found), meaning: MEANING };
}

/** Indexes do not tell a time from an integer, nor bytes from a string. */
function asIndexed(value: Value): Value {
  if (value.valueType === 'timestampValue') return numberValue(toMicros(value.timestampValue));
  if (value.valueType !== 'blobValue' || !isUtf8(value.blobValue)) return value;
  const stringValue = value.blobValue.toString('utf8');
  return { valueType: 'stringValue', stringValue, meaning: 0, excludeFromIndexes: false };
}
