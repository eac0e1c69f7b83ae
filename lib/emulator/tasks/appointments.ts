import type { Clock } from '../../system/clock.js';

/** Things to be done later, and when the next of them is. */
export class Appointments {
  private readonly open = new Set<{ readonly at: number; readonly cancel: () => void }>();

  constructor(private readonly clock: Clock) {}

  /** In milliseconds since the epoch; Infinity if there is none. */
  get nextAt(): number {
    return Math.min(...[...this.open].map(({ at }) => at));
  }

  /** Runs `task` once, so many milliseconds from now. */
  add(delayMs: number, task: () => void): void {
    const appointment = {
      at: this.clock.now() + delayMs,
      cancel: this.clock.after(delayMs, () => {
        this.open.delete(appointment);
        task();
      }),
    };
    this.open.add(appointment);
  }

  cancelAll(): void {
    for (const { cancel } of this.open) cancel();
    this.open.clear();
  }
}
