import { isCongestion } from './next-move.js';
import { isSuccess, type Outcome } from './outcome.js';
import type { RateRules } from './queue-config.js';
import type { TargetKind } from './target-kind.js';
import { TokenBucket } from './token-bucket.js';

/** How long a queue rests after the first answer of "too much"; doubled with each one in a row. Google publishes no figure. */
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;

/** What one queue has on its way, and when it may send more. Forgotten when the process ends. */
export class QueueTraffic {
  private bucket: TokenBucket;
  private running = 0;
  private congestions = 0;
  private restUntil = 0;

  constructor(
    private rules: RateRules,
    now: number,
  ) {
    this.bucket = bucketOf(rules, now);
  }

  /** Takes over changed limits; what is on its way stays counted. */
  configure(rules: RateRules, now: number): void {
    this.rules = rules;
    this.bucket = bucketOf(rules, now);
  }

  /** When the next attempt may start, in milliseconds since the epoch; Infinity: after one has ended. */
  freeAt(now: number): number {
    if (this.running >= this.rules.maxConcurrentDispatches) return Infinity;
    return Math.max(this.bucket.freeAt(now), this.restUntil);
  }

  started(now: number): void {
    this.running += 1;
    this.bucket.take(now);
  }

  ended(kind: TargetKind, outcome: Outcome, now: number): void {
    this.running -= 1;
    if (isSuccess(outcome)) this.congestions = 0;
    if (!isCongestion(kind, outcome)) return;
    this.congestions += 1;
    const rest = FIRST_REST_MS * 2 ** (this.congestions - 1);
    this.restUntil = now + Math.min(rest, LONGEST_REST_MS);
  }
}

function bucketOf(rules: RateRules, now: number): TokenBucket {
  return new TokenBucket(rules.maxDispatchesPerSecond, rules.maxBurstSize, now);
}
