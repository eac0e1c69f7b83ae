import type { DrivenClock } from './driven-clock.js';
import type { TasksEngine } from './tasks/tasks-engine.js';

/** When {@link drain} stops. */
export interface DrainOptions {
  /** Leaves what is due later than this alone, unless its time has come meanwhile; in milliseconds since the epoch. */
  readonly until?: number;
  /** Gives up with an error after so many jumps; 1000 by default. */
  readonly limit?: number;
}

/**
 * Lets every task run to its end, as fast as the targets answer: waits for the attempts under way, jumps to the next
 * one that is due, and so on until the queues are empty. Targets may answer over a real network, but must not
 * themselves wait for the driven clock.
 *
 * @returns How often it jumped.
 */
export async function drain(
  engine: Pick<TasksEngine, 'idle' | 'nextDueAt'>,
  clock: DrivenClock,
  { until = Infinity, limit = 1000 }: DrainOptions = {},
): Promise<number> {
  for (let jumps = 0; ; jumps++) {
    await engine.idle();
    const next = engine.nextDueAt;
    if (next === undefined || next > Math.max(until, clock.now())) return jumps;
    if (jumps === limit) throw new Error(`Tasks were still due after ${limit} jumps.`);
    await clock.advance(Math.max(0, next - clock.now()));
  }
}
