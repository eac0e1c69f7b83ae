import { isDeepStrictEqual } from 'node:util';
import {
  isNotANumber,
  isSameNumber,
  numberIn,
  numberValue,
  saturatingSum,
} from '../properties/numbers.js';
import { parsePath, valueAt, withValueAt } from '../properties/property-path.js';
import { invalidArgument } from '../refusals.js';
import { type Micros, toTimestamp } from '../time.js';
import { valueBytes } from '../values/value-bytes.js';
import type { Properties, Value } from '../wire/entity-messages.js';
import type { PropertyTransform } from '../wire/mutation-messages.js';

const plain = { meaning: 0, excludeFromIndexes: false };
const nothing: Value = { valueType: 'nullValue', nullValue: 'NULL_VALUE', ...plain };

/** The properties after the transforms, one after another, and what each reports. Throws INVALID_ARGUMENT. */
export function transformed(
  properties: Properties,
  transforms: readonly PropertyTransform[],
  at: Micros,
): { properties: Properties; results: Value[] } {
  const results: Value[] = [];
  let current = properties;
  for (const transform of transforms) {
    const path = parsePath(transform.property);
    const value = apply(transform, valueAt(current, path), at);
    current = withValueAt(current, path, value);
    results.push(value.valueType === 'arrayValue' ? nothing : value);
  }
  return { properties: current, results };
}

function apply(transform: PropertyTransform, old: Value | undefined, at: Micros): Value {
  switch (transform.transformType) {
    case 'setToServerValue':
      return serverValue(transform.setToServerValue, at);
    case 'increment':
      return increment(old, transform.increment);
    case 'maximum':
      return extreme(old, transform.maximum, (stored, given) => stored < given);
    case 'minimum':
      return extreme(old, transform.minimum, (stored, given) => stored > given);
    case 'appendMissingElements':
      return arrayOf(appended(elementsOf(old), transform.appendMissingElements.values));
    case 'removeAllFromArray': {
      const unwanted = transform.removeAllFromArray.values;
      return arrayOf(elementsOf(old).filter((element) => !includes(unwanted, element)));
    }
    case undefined:
    default:
      throw invalidArgument('Operation type must be specified for field transformation.');
  }
}

/** In milliseconds: PropertyTransform.ServerValue in datastore.proto. */
function serverValue(name: string, at: Micros): Value {
  if (name !== 'REQUEST_TIME') {
    throw invalidArgument(
      'ServerValue type must be specified for set_to_server_value transformation.',
    );
  }
  const timestampValue = toTimestamp(at - (at % 1000));
  return { valueType: 'timestampValue', timestampValue, ...plain };
}

function increment(old: Value | undefined, by: Value): Value {
  const stored = numberIn(old);
  const given = requiredNumber(by);
  return stored === undefined ? by : numberValue(saturatingSum(stored, given));
}

function extreme(
  old: Value | undefined,
  value: Value,
  isBeaten: (stored: bigint | number, given: bigint | number) => boolean,
): Value {
  const stored = numberIn(old);
  const given = requiredNumber(value);
  if (old === undefined || stored === undefined) return value;
  if (isNotANumber(stored)) return old;
  return isNotANumber(given) || isBeaten(stored, given) ? value : old;
}

function requiredNumber(value: Value): bigint | number {
  const number = numberIn(value);
  if (number === undefined) throw invalidArgument('Input must be int64 or double.');
  return number;
}

function elementsOf(value: Value | undefined): Value[] {
  return value?.valueType === 'arrayValue' ? value.arrayValue.values : [];
}

function arrayOf(values: Value[]): Value {
  return { valueType: 'arrayValue', arrayValue: { values }, ...plain };
}

function appended(elements: readonly Value[], more: readonly Value[]): Value[] {
  const result = [...elements];
  for (const element of more) if (!includes(result, element)) result.push(element);
  return result;
}

function includes(values: readonly Value[], wanted: Value): boolean {
  return values.some((value) => isEquivalent(value, wanted));
}

function isEquivalent(a: Value, b: Value): boolean {
  const [left, right] = [numberIn(a), numberIn(b)];
  if (left !== undefined && right !== undefined) return isSameNumber(left, right);
  if (a.valueType !== b.valueType) return false;
  const [ownBytes, otherBytes] = [valueBytes(a), valueBytes(b)];
  return ownBytes && otherBytes ? ownBytes.equals(otherBytes) : isDeepStrictEqual(a, b);
}
