import { inspect } from 'node:util';
import { toMilliseconds, type Duration } from '../system/duration.js';
import { OptionError } from '../locker.errors.js';

/** An option is not what it should be. */
export function reject(option: string, expected: string, got: unknown): never {
  throw new OptionError(
    `LockerModule: option "${option}" expected ${expected}, got ${inspect(got)}.`,
  );
}

/** A duration in milliseconds, at least `least`. */
export function duration(option: string, value: Duration, least = 0): number {
  const ms = toMilliseconds(value);
  if (ms === undefined || ms < least)
    return reject(
      option,
      `a duration such as '90s'${least ? ` of at least ${least} ms` : ''}`,
      value,
    );
  return ms;
}

/** A whole number from `least` to `most`. */
export function whole(option: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    return reject(option, `a whole number from ${least} to ${most}`, value);
  return value;
}

/** A text of a certain form. */
export function matching(option: string, value: string, form: RegExp, expected: string): string {
  if (typeof value !== 'string' || !form.test(value)) return reject(option, expected, value);
  return value;
}

/** Texts of a certain form. */
export function allMatching(
  option: string,
  values: readonly string[],
  form: RegExp,
  expected: string,
): readonly string[] {
  const given: unknown = values;
  const isText = (one: unknown) => typeof one === 'string' && form.test(one);
  return Array.isArray(given) && given.every(isText) ? values : reject(option, expected, values);
}

/** One of some words. */
export function oneOf<T extends string>(option: string, value: T, words: readonly T[]): T {
  if (!words.includes(value))
    return reject(option, words.map((word) => `'${word}'`).join(' or '), value);
  return value;
}

/** Yes or no. */
export function flag(option: string, value: boolean): boolean {
  if (typeof value !== 'boolean') return reject(option, 'true or false', value);
  return value;
}
