import type { Clock } from '../system/clock.js';

/** For how long it is remembered what ended when, seconds. */
const span = 600;

/** How many attempts end in this process, second by second. */
export class Pace {
  private readonly counts = new Map<number, number>();

  constructor(private readonly clock: Clock) {}

  /** An attempt has ended now. */
  note(): void {
    const now = this.second;
    this.counts.set(now, (this.counts.get(now) ?? 0) + 1);
    for (const [second] of this.counts) {
      if (second > now - span) break;
      this.counts.delete(second);
    }
  }

  /** How many ended in each of the last `seconds` full seconds, at most 600, oldest first. */
  last(seconds: number): number[] {
    const length = Math.min(seconds, span);
    const first = this.second - length;
    return Array.from({ length }, (_, index) => this.counts.get(first + index) ?? 0);
  }

  private get second(): number {
    return Math.floor(this.clock.now() / 1_000);
  }
}
