import { describe, expect, it } from 'vitest';
import { EnumeratingOracle } from './decisions/enumerating-oracle.js';
import { SeenBefore } from './decisions/oracle.js';
import { digest } from './world/provenance.js';
import { Scheduler } from './world/scheduler.js';

/** Two clerks who each look at an account, and then add one to what they saw, in every order. */
function everyOrder(accountOf: (clerk: number) => number) {
  const oracle = new EnumeratingOracle({ faults: 0, reorderings: Infinity });
  const results = new Set<string>();
  let runs = 0;
  do {
    runs++;
    try {
      results.add(run(oracle, accountOf));
    } catch (error) {
      if (!(error instanceof SeenBefore)) throw error;
    }
  } while (oracle.next());
  return { results, runs, states: oracle.states };
}

function run(oracle: EnumeratingOracle, accountOf: (clerk: number) => number): string {
  const accounts = [0, 0];
  const scheduler = new Scheduler(oracle);
  for (const clerk of [0, 1])
    scheduler.after(0, `clerk ${clerk} looks`, () => {
      const account = accountOf(clerk);
      const seen = accounts[account] ?? NaN;
      scheduler.observe(() => String(seen));
      scheduler.after(0, `clerk ${clerk} writes`, () => {
        accounts[account] = seen + 1;
      });
    });
  do {
    scheduler.end();
    oracle.arrive(() => digest(scheduler.mark, accounts.join(' ')));
  } while (scheduler.step());
  return accounts.join(' ');
}

describe('an enumeration of every order', () => {
  it('comes to whatever can come of it: one of two writes may be lost', () => {
    expect(everyOrder(() => 0).results).toEqual(new Set(['2 0', '1 0']));
  });

  it('goes on once only from a state that different orders lead to', () => {
    const { results, runs, states } = everyOrder((clerk) => clerk);
    expect(results).toEqual(new Set(['1 1']));
    // Each clerk has looked, written, or neither: nine states, where six orders lead through.
    expect(states).toBe(9);
    expect(runs).toBeLessThan(6);
  });
});
