import { attemptEnded, attemptStarted } from './attempt-ledger.js';
import type { Outcome } from './outcome.js';
import { retryRules } from './queue-config.js';
import type { QueueStore } from './queue-store.js';
import type { Retirement } from './retirement.js';
import type { TargetKind } from './target-kind.js';
import type { StoredTask, TaskStore } from './task-store.js';

/** Writes down how attempts begin and end. */
export class Attempts {
  constructor(
    private readonly tasks: TaskStore,
    private readonly queues: QueueStore,
    private readonly retirement: Retirement,
  ) {}

  /** Takes a task out of the queue for an attempt. */
  begin(stored: StoredTask, now: number): StoredTask {
    const started = attemptStarted(stored, now);
    this.tasks.update(started);
    return started;
  }

  /**
   * Retires the task or puts it back for another attempt; nothing, if the task is not there any more.
   *
   * @param from From when the delay counts, in milliseconds since the epoch.
   */
  end(started: StoredTask, outcome: Outcome, now: number, from: number): void {
    const current = this.tasks.find(started.name);
    if (current?.id !== started.id) return;
    const rules = retryRules(this.queues.get(current.queue) ?? {});
    const number = started.task.dispatchCount ?? 0;
    const end = { kind: kindOf(started), outcome, number, now, from };
    const { stored, move } = attemptEnded(current, rules, end);
    if (move.type === 'retry') this.tasks.update(stored);
    else this.retirement.retire(current, now);
  }

  /** Ends those that were under way when the process ended: without an answer. */
  endStranded(now: number): void {
    for (const stored of this.tasks.stranded()) {
      this.end(stored, { type: 'unanswered' }, now, now);
    }
  }
}

/** Whom a stored task is for. */
export function kindOf({ task }: StoredTask): TargetKind {
  return task.httpRequest ? 'http' : 'appEngine';
}
