/**
 * How fast a queue dispatches: a bucket that holds `burst` dispatches and is filled again with `ratePerSecond` of
 * them. Source: RateLimits.max_burst_size in Google's queue.proto.
 */
export class TokenBucket {
  private tokens: number;

  constructor(
    readonly ratePerSecond: number,
    readonly burst: number,
    private filledAt: number,
  ) {
    this.tokens = burst;
  }

  /** The moment from which one dispatch may be taken, in milliseconds since the epoch: `now`, or later. */
  freeAt(now: number): number {
    this.fill(now);
    return this.tokens >= 1
      ? now
      : now + Math.ceil(((1 - this.tokens) / this.ratePerSecond) * 1000);
  }

  /** Takes one dispatch. */
  take(now: number): void {
    this.fill(now);
    this.tokens -= 1;
  }

  private fill(now: number): void {
    const filled = (Math.max(0, now - this.filledAt) / 1000) * this.ratePerSecond;
    // A billionth makes up for the rounding of the division, so that a wait computed above is never one too short.
    this.tokens = Math.min(this.burst, this.tokens + filled + 1e-9);
    this.filledAt = now;
  }
}
