import { describe, expect, it } from 'vitest';
import { estimate, trimmedMean } from '../../bench/telemetry/estimate.js';
import { meanOfEach, names, turnsOf } from '../../bench/telemetry/subject.js';

/** Numbers from 0 to 1, the same every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** A ratio as a busy machine measures it: within a tenth of what it is, and every tenth time far off. */
function measuredRatio(ratio: number, random: () => number): number {
  const isInterrupted = random() < 0.1;
  return ratio * (1 + (random() - 0.5) / 5) * (isInterrupted ? 1 + 3 * random() : 1);
}

describe('the estimate of a ratio', () => {
  it('leaves out a quarter at either end', () => {
    expect(trimmedMean([1, 100, 2, 3, -50, 4, 0, 5])).toBe(2.5);
  });

  it('is 1 where a ratio and its reciprocal are as frequent', () => {
    const ratios = Array.from({ length: 300 }, (_, index) => 1.5 ** ((index % 3) - 1));
    expect(estimate(ratios, numbers(3)).ratio).toBeCloseTo(1, 10);
  });

  it('finds two in a hundred among noise ten times as great', () => {
    const random = numbers(1);
    const same = Array.from({ length: 1_000 }, () => measuredRatio(1, random));
    const more = Array.from({ length: 1_000 }, () => measuredRatio(1.02, random));
    const [control, beside] = [estimate(same, random), estimate(more, random)];
    // What interrupts comes on top, alike for both.
    expect(beside.ratio - control.ratio).toBeCloseTo(0.02, 2);
    expect(beside.low).toBeGreaterThan(control.high);
  });

  it('has what is true in its interval nearly always', () => {
    const random = numbers(2);
    const found = Array.from({ length: 20 }, () =>
      estimate(
        Array.from({ length: 100 }, () => 1.01 + (random() - 0.5) / 5),
        random,
      ),
    );
    const right = found.filter(({ low, high }) => low < 1.01 && high > 1.01);
    expect(right.length).toBeGreaterThanOrEqual(16);
    for (const { low, high } of found) expect(high - low).toBeLessThan(0.06);
  });
});

describe('the turns of the applications that are compared', () => {
  it.each([0, 1, 2, 3])(
    'are balanced in round %i, so that a steady drift touches nobody',
    (round) => {
      const turns = turnsOf(round);
      const drifting = turns.map((_, index) => 100 + index);
      expect(meanOfEach(turns, drifting)).toEqual({
        without: 102.5,
        control: 102.5,
        beside: 102.5,
      });
    },
  );

  it('begin with everybody equally often', () => {
    expect(new Set([0, 1, 2].map((round) => turnsOf(round)[0]))).toEqual(new Set(names));
  });
});
