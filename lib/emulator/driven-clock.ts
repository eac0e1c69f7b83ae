import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../system/clock.js';

/** A clock that a test moves. */
export interface DrivenClock extends Clock {
  /** Moves the time on by `ms` milliseconds and runs, in order of time, every timer that falls due on the way. */
  advance(ms: number): Promise<void>;
}

/** Whether a test can move this clock. */
export function isDriven(clock: Clock): clock is DrivenClock {
  return 'advance' in clock && typeof clock.advance === 'function';
}

/**
 * Lets everything that waits for nothing but promises go on: the event loop empties its queue of promises before
 * it takes its next turn.
 */
export async function settlePromises(): Promise<void> {
  await setImmediate();
}
