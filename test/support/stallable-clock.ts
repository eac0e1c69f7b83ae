import type { Clock } from '../../lib/system/clock.js';

/** The clock of one instance: it shows the time of the clock below, but while it is stalled none of its timers runs. */
export class StallableClock implements Clock {
  private readonly late: (() => void)[] = [];
  private readonly timers = new Set<object>();
  private isStalled = false;

  constructor(private readonly below: Clock) {}

  now(): number {
    return this.below.now();
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = {};
    this.timers.add(timer);
    const run = () => {
      if (this.timers.delete(timer)) task();
    };
    const cancel = this.below.after(delayMs, () => {
      if (this.isStalled) this.late.push(run);
      else run();
    });
    return () => {
      this.timers.delete(timer);
      cancel();
    };
  }

  /** How many timers this instance has set. */
  get pending(): number {
    return this.timers.size;
  }

  /** The instance hangs: it neither renews nor hears its timers. */
  stall(): void {
    this.isStalled = true;
  }

  /** It goes on, with everything that fell due meanwhile. */
  resume(): void {
    this.isStalled = false;
    for (const task of this.late.splice(0)) task();
  }
}
