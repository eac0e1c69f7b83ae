import type { Clock } from '../system/clock.js';

/** For how long it is remembered what ended when, milliseconds, and in what portions. */
const span = { total: 600_000, portion: 1_000 };

/** Attempts that ended in one second. */
export interface PaceSecond {
  /** When it began, milliseconds since the epoch. */
  readonly at: number;
  readonly ended: number;
}

/** How many attempts end in this process, a figure for each second of the last ten minutes in which any did. */
export class Pace {
  private readonly counts = new Map<number, number>();

  constructor(private readonly clock: Clock) {}

  /** An attempt has ended now. */
  note(): void {
    const now = this.clock.now();
    const second = now - (now % span.portion);
    this.counts.set(second, (this.counts.get(second) ?? 0) + 1);
    for (const [at] of this.counts) {
      if (at > now - span.total) break;
      this.counts.delete(at);
    }
  }

  /** The seconds of the last `ms` milliseconds in which attempts ended, oldest first. */
  last(ms: number): PaceSecond[] {
    const from = this.clock.now() - ms;
    return [...this.counts]
      .filter(([at]) => at >= from - span.portion)
      .map(([at, ended]) => ({ at, ended }));
  }
}
