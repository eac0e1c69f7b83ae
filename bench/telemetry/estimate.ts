import { quantile } from '../measure.js';

/** What a ratio is, and between what it is with a probability of 95 %. */
export interface Estimate {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** What is left out at either end: what a busy machine, or a collection of garbage, made of it. */
const trimmed = 0.25;
const resamples = 1_000;

/**
 * The geometric mean of many measured ratios without the quarter at either end, and the interval that it was in when what was
 * measured was drawn again and again from itself (the percentile bootstrap). Of the ratios themselves the mean would be too
 * great: what is twice as much and what is half as much would be a quarter more.
 */
export function estimate(ratios: readonly number[], random: () => number = Math.random): Estimate {
  const logs = ratios.map(Math.log);
  const again = Array.from({ length: resamples }, () =>
    trimmedMean(logs.map(() => logs[Math.floor(random() * logs.length)] ?? NaN)),
  ).toSorted((a, b) => a - b);
  return {
    ratio: Math.exp(trimmedMean(logs)),
    low: Math.exp(quantile(again, 0.025)),
    high: Math.exp(quantile(again, 0.975)),
  };
}

export function trimmedMean(values: readonly number[]): number {
  const cut = Math.floor(values.length * trimmed);
  const kept = values.toSorted((a, b) => a - b).slice(cut, values.length - cut);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}
