import { type DrivenClock, settlePromises } from './driven-clock.js';
import { TimerQueue } from './timer-queue.js';

/**
 * A clock that stands still until a test moves it. Its timers run one after another, and between two of them
 * everything that waits only for promises goes on. Real input and output is not waited for: see `drain`.
 */
export class VirtualClock implements DrivenClock {
  private readonly timers = new TimerQueue();

  /** @param time The time it starts at, in milliseconds since the epoch; by default the first of January 2026. */
  constructor(private time: number = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.time;
  }

  after(delayMs: number, task: () => void): () => void {
    return this.timers.add({ at: this.time + Math.max(0, delayMs), task });
  }

  /** How many timers are set. */
  get pending(): number {
    return this.timers.size;
  }

  /** When the next timer falls due, in milliseconds since the epoch. */
  get nextAt(): number | undefined {
    return this.timers.first?.at;
  }

  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settlePromises();
    for (;;) {
      const timer = this.timers.takeDue(end);
      if (!timer) break;
      this.time = Math.max(this.time, timer.at);
      timer.task();
      await settlePromises();
    }
    this.time = Math.max(this.time, end);
  }

  /** Jumps to the next timer and runs it, with all others of that moment; false if there is none. */
  async advanceToNext(): Promise<boolean> {
    const next = this.nextAt;
    if (next === undefined) return false;
    await this.advance(Math.max(0, next - this.time));
    return true;
  }

  /**
   * Jumps from timer to timer until none is left.
   *
   * @param limit After so many jumps it gives up with an error, for timers that set themselves again; 10,000 by default.
   */
  async runUntilIdle(limit = 10_000): Promise<void> {
    for (let jumps = 0; await this.advanceToNext(); jumps++) {
      if (jumps === limit) throw new Error(`Timers were still being set after ${limit} jumps.`);
    }
  }
}
