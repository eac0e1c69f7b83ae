import type { Reading } from './reading.js';

/** What a job finds out. */
export interface Counters {
  readings: number;
  frosts: number;
  /** The sum of all temperatures, in tenths of a degree. */
  tenths: number;
}

export const nothing: Counters = { readings: 0, frosts: 0, tenths: 0 };

/** What some readings add up to. */
export function count(readings: Iterable<Reading>): Counters {
  const counters = { ...nothing };
  for (const { tenths } of readings) {
    counters.readings += 1;
    counters.frosts += tenths < 0 ? 1 : 0;
    counters.tenths += tenths;
  }
  return counters;
}

export function sum(one: Counters, other: Counters): Counters {
  return {
    readings: one.readings + other.readings,
    frosts: one.frosts + other.frosts,
    tenths: one.tenths + other.tenths,
  };
}
