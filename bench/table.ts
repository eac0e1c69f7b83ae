import type { Spread } from './measure.js';

/** A number with as many digits as it is worth: 1,234, 12.3, 1.23. */
export function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

/** `12.3 (11 to 15)`. */
export function spreadText({ median, min, max }: Spread): string {
  return `${number(median)} (${number(min)} to ${number(max)})`;
}

/** Prints rows under a title, each with its name first. */
export function printTable(title: string, rows: Readonly<Record<string, object>>): void {
  console.log(`\n${title}`);
  console.table(rows);
}

/** Prints whether a target was met. */
export function printTarget(text: string, isMet: boolean): void {
  console.log(`${isMet ? 'met' : 'MISSED'}: ${text}`);
}
