import { backoffMs, isExhausted, type RetryRules } from './backoff.js';
import type { TargetKind } from './target-kind.js';
import { isSuccess, type Outcome } from './outcome.js';

/** What becomes of a task after an attempt. Only the second leaves it in the queue. */
export type NextMove =
  | { readonly type: 'done' }
  | { readonly type: 'retry'; readonly at: number }
  | { readonly type: 'exhausted' };

/** One ended attempt, seen by the queue. */
export interface EndedAttempt {
  readonly kind: TargetKind;
  readonly outcome: Outcome;
  /** Attempts so far, this one included. */
  readonly attempts: number;
  /** When the first attempt was dispatched, in milliseconds since the epoch. */
  readonly firstDispatchAt: number;
  /** From when the delay counts: the end of the attempt, or for RunTask the call. */
  readonly from: number;
}

/** How much longer the target is left alone when it says that it has too much to do. Google publishes no figure. */
const CONGESTION_FACTOR = 2;

/** Decides what becomes of a task: HttpRequest and AppEngineHttpRequest in Google's target.proto. */
export function nextMove(rules: RetryRules, ended: EndedAttempt): NextMove {
  if (isSuccess(ended.outcome)) return { type: 'done' };
  const age = ended.from - ended.firstDispatchAt;
  if (isExhausted(rules, ended.attempts, age)) return { type: 'exhausted' };
  return { type: 'retry', at: ended.from + delayMs(rules, ended) };
}

/** Whether the answer is the target's "too much": 429 and 503, from App Engine only 503. */
export function isCongestion(kind: TargetKind, outcome: Outcome): boolean {
  if (outcome.type === 'unanswered') return false;
  return outcome.status === 503 || (outcome.status === 429 && kind === 'http');
}

function delayMs(rules: RetryRules, { kind, outcome, attempts }: EndedAttempt): number {
  const usual = backoffMs(rules, attempts);
  if (outcome.type === 'unanswered' || !isCongestion(kind, outcome)) return usual;
  const raised = Math.min(usual * CONGESTION_FACTOR, Math.max(usual, rules.maxBackoffMs));
  return kind === 'http' ? Math.max(raised, outcome.retryAfterMs ?? 0) : raised;
}
