/** When and how often a failed task is tried again; times in milliseconds. */
export interface RetryRules {
  /** Attempts in all, the first included; −1: without limit. */
  readonly maxAttempts: number;
  /** How long after its first attempt a task may be tried again; 0: without limit. */
  readonly maxRetryDurationMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly maxDoublings: number;
}

/**
 * How long to wait after the n-th failed attempt (1, 2, 3 …), in milliseconds: `minBackoff`, doubled `maxDoublings`
 * times, then growing by its last doubling each time, never above `maxBackoff`. Source: RetryConfig.max_doublings in
 * Google's queue.proto, with its example 10, 20, 40, 80, 160, 240, 300, 300 s.
 */
export function backoffMs(rules: RetryRules, failures: number): number {
  const doublings = Math.min(failures - 1, rules.maxDoublings);
  const steps = Math.max(1, failures - rules.maxDoublings);
  return Math.min(rules.minBackoffMs * 2 ** doublings * steps, rules.maxBackoffMs);
}

/**
 * Whether a task that has failed `attempts` times, the first of them `ageMs` ago, is given up. Both limits must be
 * reached; one that is "without limit" leaves the decision to the other.
 */
export function isExhausted(rules: RetryRules, attempts: number, ageMs: number): boolean {
  const limitsAttempts = rules.maxAttempts >= 0;
  const limitsAge = rules.maxRetryDurationMs > 0;
  if (!limitsAttempts && !limitsAge) return false;
  return (
    (!limitsAttempts || attempts >= rules.maxAttempts) &&
    (!limitsAge || ageMs >= rules.maxRetryDurationMs)
  );
}
