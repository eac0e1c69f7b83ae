import { describe, expect, it } from 'vitest';
import { enumerate } from './exhaustive.js';

/** `npm run simulate -- --exhaustive` places more faults. */
describe('one chain of two steps, with a fault anywhere, in every order', () => {
  it.each(['optimistic', 'pessimistic'] as const)(
    'breaks no promise: %s',
    { timeout: 300_000 },
    async (concurrency) => {
      const { failing, states } = await enumerate({ faults: 1 }, concurrency);
      expect(failing?.violation?.message).toBeUndefined();
      expect(states.size).toBeGreaterThan(800);
    },
  );

  it(
    'comes to the same where orders that should be equal are tried as well',
    { timeout: 300_000 },
    async () => {
      const { states } = await enumerate({ faults: 1 }, 'optimistic');
      const whole = await enumerate({ faults: 1, everyOrder: true }, 'optimistic');
      expect(states).toEqual(whole.states);
    },
  );
});
