import { describe, expect, it } from 'vitest';
import { plans } from '../plan.js';
import { planTroubles } from './plan-troubles.js';

const kills = (seed: number) => planTroubles({ ...plans.full, seed }, 'worker killed');

describe('the trouble of a chaos run', () => {
  it('is the same for the same seed', () => {
    expect(kills(7)).toEqual(kills(7));
    expect(kills(7)).not.toEqual(kills(8));
  });

  it('comes as often as planned, with pauses as planned', () => {
    const { atMost, pauseMs } = plans.full.workerKills;
    const [least, most] = pauseMs;
    const pauses = kills(1).map((kill) => kill.pauseMs);
    expect(pauses).toHaveLength(atMost);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...pauses)).toBeLessThan(most);
  });
});
