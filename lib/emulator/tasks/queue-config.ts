import type { RetryRules } from './backoff.js';
import { toMillis, toProto } from './proto-time.js';
import { refusal } from './refusals.js';
import type { QueueResource, RateLimitsProto, RetryConfigProto } from './resources.js';

/** How fast a queue dispatches. */
export interface RateRules {
  readonly maxDispatchesPerSecond: number;
  readonly maxBurstSize: number;
  readonly maxConcurrentDispatches: number;
}

/** The rate limits of a queue that {@link completeQueue} has filled in. */
export function rateRules(queue: QueueResource): RateRules {
  return completeRates(queue.rateLimits ?? {}, true);
}

/** The retry rules of a queue that {@link completeQueue} has filled in. */
export function retryRules(queue: QueueResource): RetryRules {
  const retry = completeRetries(queue.retryConfig ?? {});
  return {
    maxAttempts: retry.maxAttempts,
    // Truncated to the second: RetryConfig.max_retry_duration.
    maxRetryDurationMs: Number(retry.maxRetryDuration.seconds ?? 0) * 1000,
    minBackoffMs: toMillis(retry.minBackoff),
    maxBackoffMs: toMillis(retry.maxBackoff),
    maxDoublings: retry.maxDoublings,
  };
}

/**
 * Checks a queue's settings and fills in the defaults of the real service: 500 dispatches a second, 1000 at a time,
 * 100 attempts, backoff from 0.1 s to an hour, 16 doublings.
 *
 * @param keepBurst Whether a given burst size counts, as in a queue.yaml; over the API it is output only.
 */
export function completeQueue(queue: QueueResource, keepBurst: boolean): QueueResource {
  checkRates(queue.rateLimits ?? {});
  checkRetries(queue.retryConfig ?? {});
  return {
    ...queue,
    rateLimits: completeRates(queue.rateLimits ?? {}, keepBurst),
    retryConfig: completeRetries(queue.retryConfig ?? {}),
  };
}

function completeRates(rates: RateLimitsProto, keepBurst: boolean): RateRules {
  const maxDispatchesPerSecond = rates.maxDispatchesPerSecond || 500;
  const burst = keepBurst ? rates.maxBurstSize : undefined;
  return {
    maxDispatchesPerSecond,
    // Google picks it from the rate: 100 at 500 a second, 10 at one a second.
    maxBurstSize: burst || Math.max(10, Math.ceil(maxDispatchesPerSecond / 5)),
    maxConcurrentDispatches: rates.maxConcurrentDispatches || 1000,
  };
}

function completeRetries(retry: RetryConfigProto) {
  return {
    maxAttempts: retry.maxAttempts || 100,
    maxRetryDuration: retry.maxRetryDuration ?? toProto(0),
    minBackoff: retry.minBackoff ?? toProto(100),
    maxBackoff: retry.maxBackoff ?? toProto(3_600_000),
    maxDoublings: retry.maxDoublings || 16,
  };
}

function checkRates(rates: RateLimitsProto): void {
  const perSecond = rates.maxDispatchesPerSecond ?? 0;
  const concurrent = rates.maxConcurrentDispatches ?? 0;
  refuseIf(perSecond < 0, 'RateLimits.maxDispatchesPerSecond cannot be negative.');
  refuseIf(perSecond > 500, 'RateLimits.maxDispatchesPerSecond must be less than or equal to 500.');
  refuseIf(concurrent < 0, 'RateLimits.maxConcurrentDispatches cannot be negative.');
  refuseIf(
    concurrent > 5000,
    'RateLimits.maxConcurrentDispatches must be less than or equal to 5000.',
  );
}

function checkRetries(retry: RetryConfigProto): void {
  const { minBackoff, maxBackoff } = completeRetries(retry);
  refuseIf(
    (retry.maxAttempts ?? 0) < -1,
    'RetryConfig.maxAttempts must be greater or equal to -1.',
  );
  refuseIf((retry.maxDoublings ?? 0) < 0, 'RetryConfig.maxDoublings cannot be negative.');
  refuseIf(toMillis(minBackoff) < 0, 'RetryConfig.minBackoff cannot be negative.');
  refuseIf(toMillis(maxBackoff) < 0, 'RetryConfig.maxBackoff cannot be negative.');
  refuseIf(
    toMillis(minBackoff) > toMillis(maxBackoff),
    'RetryConfig.minBackoff must be less than or equal to RetryConfig.maxBackoff.',
  );
}

function refuseIf(condition: boolean, text: string): void {
  if (condition) throw refusal.invalid(text);
}
