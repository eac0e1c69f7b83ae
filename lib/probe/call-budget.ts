import type { Clock } from '../system/clock.js';

/** Calls of one process a minute: half of what a project has. https://cloud.google.com/logging/quotas */
const callsPerMinute = 30;
const minute = 60_000;

/** Keeps calls within a quota that others need too. */
export class CallBudget {
  private taken: number[] = [];
  private closedUntil = 0;

  constructor(private readonly clock: Clock) {}

  /** Whether a call may be made now; if so, it counts. */
  take(): boolean {
    const now = this.clock.now();
    this.taken = this.taken.filter((at) => at > now - minute);
    if (now < this.closedUntil || this.taken.length >= callsPerMinute) return false;
    this.taken.push(now);
    return true;
  }

  /** A call failed, perhaps for lack of quota: none is made for a while. */
  failed(): void {
    this.closedUntil = this.clock.now() + minute;
  }
}
