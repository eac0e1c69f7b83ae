import { chance, within } from '../chance.js';
import type { Plan, TroublePlan } from '../plan.js';
import type { Incident } from './incident.js';

/** Trouble that is to be made. */
export interface Trouble {
  readonly what: Incident['what'];
  /** How long everything is well before, milliseconds. */
  readonly pauseMs: number;
  /** What it does by chance; from 0 up to but not including 1. */
  readonly fate: number;
}

/** How often each sort of trouble comes, by the plan. */
export function troublePlans(plan: Plan): Readonly<Record<Incident['what'], TroublePlan>> {
  return {
    'worker killed': plan.workerKills,
    'emulator killed': plan.emulatorKills,
    'worker stopped': plan.workerStops,
  };
}

/** The trouble of one sort, in the order in which it comes: the same for the same seed. */
export function planTroubles(plan: Plan, what: Incident['what']): Trouble[] {
  const { atMost, pauseMs } = troublePlans(plan)[what];
  return Array.from({ length: atMost }, (_, index) => ({
    what,
    pauseMs: within(pauseMs, chance(plan.seed, what, 'pause', index)),
    fate: chance(plan.seed, what, 'fate', index),
  }));
}
