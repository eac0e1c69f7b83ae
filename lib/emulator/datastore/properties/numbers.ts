import type { Value } from '../wire/entity-messages.js';

/** An integer of 64 bits, or a double. */
export type Num = bigint | number;

const MAX = (1n << 63n) - 1n;
const MIN = -(1n << 63n);

/** Undefined for all that is no number. */
export function numberIn(value: Value | undefined): Num | undefined {
  if (value?.valueType === 'integerValue') return BigInt(value.integerValue);
  return value?.valueType === 'doubleValue' ? value.doubleValue : undefined;
}

export function numberValue(number: Num): Value {
  const flags = { meaning: 0, excludeFromIndexes: false };
  return typeof number === 'bigint'
    ? { valueType: 'integerValue', integerValue: String(number), ...flags }
    : { valueType: 'doubleValue', doubleValue: number, ...flags };
}

/** Integers that would leave their 64 bits stop at the end; with a double among them both are doubles. */
export function saturatingSum(a: Num, b: Num): Num {
  if (typeof a !== 'bigint' || typeof b !== 'bigint') return Number(a) + Number(b);
  const sum = a + b;
  if (sum > MAX) return MAX;
  return sum < MIN ? MIN : sum;
}

/** An integer if all are and the sum fits, otherwise a double. */
export function totalOf(numbers: readonly Num[]): Num {
  const integers = numbers.filter((number) => typeof number === 'bigint');
  const total = integers.reduce((sum, number) => sum + number, 0n);
  if (integers.length === numbers.length && total <= MAX && total >= MIN) return total;
  return numbers.reduce<number>((sum, number) => sum + Number(number), 0);
}

/** Compares by value whatever the types: 3 and 3.0 are equal, and so are NaN and NaN. */
export function isSameNumber(a: Num, b: Num): boolean {
  return !(a < b) && !(a > b) && isNotANumber(a) === isNotANumber(b);
}

export function isNotANumber(number: Num): boolean {
  return typeof number === 'number' && Number.isNaN(number);
}
