import type { Outcome } from './outcome.js';
import type { TargetKind } from './target-kind.js';

/** What the headers of one dispatch tell about the task. */
export interface DispatchFacts {
  readonly kind: TargetKind;
  readonly queueId: string;
  readonly taskId: string;
  /** Attempts before this one. */
  readonly retryCount: number;
  /** Answers to earlier attempts, counted by {@link countsAsExecution}. */
  readonly executionCount: number;
  /** When the attempt was due, in milliseconds since the epoch. */
  readonly etaMs: number;
  /** How the attempt before this one ended: its HTTP status; 504 or 0 (App Engine) when there was no answer. */
  readonly previousResponse: number | undefined;
}

/**
 * The headers that the service adds to a dispatch: conformance/golden/dispatch.json of
 * https://github.com/aertje/cloud-tasks-emulator, recorded from the real service in 2026.
 */
export function dispatchHeaders(facts: DispatchFacts): Record<string, string> {
  const prefix = facts.kind === 'http' ? 'X-CloudTasks-' : 'X-AppEngine-';
  const headers: Record<string, string> = {
    [`${prefix}QueueName`]: facts.queueId,
    [`${prefix}TaskName`]: facts.taskId,
    [`${prefix}TaskRetryCount`]: String(facts.retryCount),
    [`${prefix}TaskExecutionCount`]: String(facts.executionCount),
    [`${prefix}TaskETA`]: (facts.etaMs / 1000).toFixed(6),
  };
  if (facts.previousResponse === undefined) return headers;
  return {
    ...headers,
    [`${prefix}TaskPreviousResponse`]: String(facts.previousResponse),
    [`${prefix}TaskRetryReason`]: retryReason(facts.kind, facts.previousResponse),
  };
}

/** Whether an attempt adds to TaskExecutionCount: for HTTP targets an answer other than 5xx, for App Engine any answer. */
export function countsAsExecution(kind: TargetKind, outcome: Outcome): boolean {
  if (outcome.type === 'unanswered') return false;
  return kind === 'appEngine' || outcome.status < 500;
}

/** HTTP targets get the header with nothing in it. */
function retryReason(kind: TargetKind, previousResponse: number): string {
  if (kind === 'http') return '';
  return previousResponse === 0 ? 'Instance Unavailable' : 'App Error';
}
