import { describe, expect, it } from 'vitest';
import { enumerate } from './exhaustive.js';

/** `npm run simulate -- --exhaustive` places more faults. */
describe('one chain of two steps, in every order', () => {
  it.each([
    { faults: 1, concurrency: 'optimistic', least: 10_000 },
    { faults: 0, concurrency: 'pessimistic', least: 40 },
  ] as const)(
    'breaks no promise, with up to $faults faults anywhere: $concurrency',
    { timeout: 300_000 },
    async ({ faults, concurrency, least }) => {
      const { failing, states } = await enumerate({ faults, reorderings: Infinity }, concurrency);
      expect(failing?.violation?.message).toBeUndefined();
      expect(states).toBeGreaterThan(least);
    },
  );
});
