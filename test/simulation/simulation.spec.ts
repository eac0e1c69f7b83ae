import { describe, expect, it } from 'vitest';
import { circumstancesOf } from './circumstances.js';
import { formatDecisions } from './decisions/recorded-oracle.js';
import { misplaced } from './defects/hunt.js';
import { replay, runSeed, type Schedule } from './run-schedule.js';
import { shrink } from './shrink.js';

/** So many schedules are sampled with every run of the tests; `npm run simulate` goes on from there. */
const schedules = 2_000;

async function story(failing: Schedule, seed: number): Promise<string> {
  const { story: lines, decisions } = await shrink(failing, circumstancesOf(seed));
  const again = `npm run simulate -- --seed ${seed} --trace --decisions ${formatDecisions(decisions)}`;
  return [...lines, again].join('\n');
}

describe('the simulation', () => {
  it(`breaks no promise in ${schedules} schedules`, { timeout: 300_000 }, async () => {
    let broken = 'none';
    for (let seed = 1; seed <= schedules && broken === 'none'; seed++) {
      const schedule = await runSeed(seed);
      if (schedule.violation) broken = await story(schedule, seed);
    }
    expect(broken).toBe('none');
  });

  it('tells the same story of the same seed, and of its decisions written down', async () => {
    const first = await runSeed(7, true);
    const second = await runSeed(7, true);
    const third = await replay(circumstancesOf(7), first.decisions, true);
    expect(second.story).toEqual(first.story);
    expect(third.story).toEqual(first.story);
  });

  it('knows where in the library each of its defects goes', () => {
    expect(misplaced()).toEqual([]);
  });
});
