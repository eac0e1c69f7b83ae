import { countsAsExecution } from './dispatch-headers.js';
import { type NextMove, nextMove } from './next-move.js';
import { type Outcome, previousResponseOf, rpcStatusOf } from './outcome.js';
import { toMillis, toProto } from './proto-time.js';
import type { RetryRules } from './backoff.js';
import type { TargetKind } from './target-kind.js';
import type { StoredTask } from './task-store.js';

/** A task as it stands when an attempt starts: counted, dated, and out of the queue until the attempt ends. */
export function attemptStarted(stored: StoredTask, now: number): StoredTask {
  const { task } = stored;
  const dispatchTime = toProto(now);
  return {
    ...stored,
    due: undefined,
    task: {
      ...task,
      dispatchCount: (task.dispatchCount ?? 0) + 1,
      // Only the dispatch time is kept of the first attempt: Task.first_attempt.
      firstAttempt: task.firstAttempt ?? { dispatchTime },
      lastAttempt: { scheduleTime: task.scheduleTime ?? null, dispatchTime },
    },
  };
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly kind: TargetKind;
  readonly outcome: Outcome;
  /** Which attempt it was: 1, 2, 3 … */
  readonly number: number;
  readonly now: number;
  /** From when the delay to the next one counts, in milliseconds since the epoch. */
  readonly from: number;
}

/** A task as it stands after an attempt, and what becomes of it. */
export function attemptEnded(
  stored: StoredTask,
  rules: RetryRules,
  end: AttemptEnd,
): { stored: StoredTask; move: NextMove } {
  const { task } = stored;
  const { kind, outcome, now, from } = end;
  const attempts = task.dispatchCount ?? 0;
  const firstDispatchAt = toMillis(task.firstAttempt?.dispatchTime ?? {});
  const move = nextMove(rules, { kind, outcome, attempts, firstDispatchAt, from });
  const at = move.type === 'retry' ? move.at : now;
  return {
    move,
    stored: {
      ...stored,
      due: at,
      executions: stored.executions + (countsAsExecution(kind, outcome) ? 1 : 0),
      previousResponse: previousResponseOf(kind, outcome),
      task: {
        ...task,
        scheduleTime: toProto(at),
        responseCount: (task.responseCount ?? 0) + (outcome.type === 'answered' ? 1 : 0),
        lastAttempt:
          end.number === attempts ? concluded(task.lastAttempt, end) : (task.lastAttempt ?? null),
      },
    },
  };
}

function concluded(attempt: StoredTask['task']['lastAttempt'], { outcome, now }: AttemptEnd) {
  return { ...attempt, responseTime: toProto(now), responseStatus: rpcStatusOf(outcome) };
}
