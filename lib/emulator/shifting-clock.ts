import type { Clock } from '../system/clock.js';
import { systemClock } from '../system/clock.js';
import { type DrivenClock, settlePromises } from './driven-clock.js';
import { TimerQueue } from './timer-queue.js';

/** The longest sleep asked of the clock below; Node's own timers overflow after 24.8 days. */
const LONGEST_SLEEP_MS = 24 * 60 * 60 * 1000;

/** A clock that runs by itself, as the one below it does, and that a test can move forward besides. */
export class ShiftingClock implements DrivenClock {
  private readonly timers = new TimerQueue();
  private shiftMs = 0;
  private cancelSleep: () => void = () => undefined;

  /** @param below The clock it follows; by default the machine's. */
  constructor(private readonly below: Clock = systemClock) {}

  now(): number {
    return this.below.now() + this.shiftMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const remove = this.timers.add({ at: this.now() + Math.max(0, delayMs), task });
    this.sleep();
    return remove;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.timers.size;
  }

  async advance(ms: number): Promise<void> {
    const end = this.now() + ms;
    await settlePromises();
    for (let next = this.timers.first; next && next.at <= end; next = this.timers.first) {
      this.shiftMs += Math.max(0, next.at - this.now());
      this.runDue();
      await settlePromises();
    }
    this.shiftMs += Math.max(0, end - this.now());
    this.sleep();
  }

  private sleep(): void {
    this.cancelSleep();
    const first = this.timers.first;
    if (!first) return;
    const ms = Math.min(Math.max(0, first.at - this.now()), LONGEST_SLEEP_MS);
    this.cancelSleep = this.below.after(ms, () => {
      this.runDue();
      this.sleep();
    });
  }

  private runDue(): void {
    const now = this.now();
    for (let timer = this.timers.takeDue(now); timer; timer = this.timers.takeDue(now))
      timer.task();
  }
}
