import { Random } from './decisions/random.js';

/** What is the same throughout one run and differs between runs. */
export interface Circumstances {
  readonly seed: number;
  readonly isEnumerated: boolean;
  readonly instances: number;
  readonly concurrency: 'optimistic' | 'pessimistic';
  readonly tellsTime: boolean;
  /** How far the clocks of two processes are apart at most, milliseconds. */
  readonly skewMs: number;
  readonly tombstoneMs: number;
  readonly renews: boolean;
  readonly recoversAtStart: boolean;
  readonly mostDeeds: number;
}

/** The circumstances that go with a seed. */
export function circumstancesOf(seed: number): Circumstances {
  const random = new Random(seed, 2);
  return {
    seed,
    isEnumerated: false,
    instances: random.pick([2, 3, 1]),
    concurrency: random.pick(['optimistic', 'pessimistic']),
    tellsTime: random.chance(0.8),
    skewMs: random.pick([0, 4_000]),
    tombstoneMs: random.pick([3_600_000, 0, 9 * 86_400_000]),
    renews: random.chance(0.85),
    recoversAtStart: random.chance(0.5),
    mostDeeds: random.pick([1, 3, 6, 6]),
  };
}

/** Two instances, one chain of two steps, nothing unusual: for enumerating everything that can go wrong. */
export function plainCircumstances(concurrency: Circumstances['concurrency']): Circumstances {
  return {
    seed: 0,
    isEnumerated: true,
    instances: 2,
    concurrency,
    tellsTime: true,
    skewMs: 0,
    tombstoneMs: 3_600_000,
    renews: true,
    recoversAtStart: false,
    mostDeeds: 1,
  };
}
