import { keyText } from '../../../lib/datastore/keys.js';
import { decodeLockKey } from '../../../lib/tasks/lock-key.js';
import type { QueuedTask, QueueWatch, SimulatedQueue } from '../google/simulated-queue.js';
import { isSweep } from '../google/simulated-queue.js';
import type { Ledger } from './ledger.js';
import { Violation } from './violation.js';

/** Judges which tasks are created, and how many. */
export class TaskWatch implements QueueWatch {
  queue: SimulatedQueue | undefined;

  constructor(
    private readonly ledger: Ledger,
    /** How many things have gone wrong. */
    private readonly troubles: () => number,
    private readonly onViolation: (violation: Violation) => void,
  ) {}

  created(task: QueuedTask): void {
    if (isSweep(task)) return;
    this.checkCommitted(task);
    this.checkNumber(task.headers['x-lock-key'] ?? '');
  }

  refused(task: QueuedTask, existing: QueuedTask): void {
    for (const header of ['x-lock-key', 'x-lock-run', 'x-lock-seq', 'x-lock-dispatch'])
      if (task.headers[header] !== existing.headers[header])
        this.onViolation(
          new Violation(
            'no two dispatches share a name',
            `${header}: ${existing.headers[header]} and ${task.headers[header]}`,
          ),
        );
  }

  /** One for each run that was begun and each dispatch by hand, few more for everything that went wrong: they do not breed. */
  private checkNumber(key: string): void {
    const tasks = this.queue?.alive ?? [];
    const alive = tasks.filter(({ headers }) => headers['x-lock-key'] === key).length;
    const entity = keyText(decodeLockKey(key).key);
    const runs = [...this.ledger.runs.values()].filter((other) => other === entity).length;
    const limit = 3 + runs + this.ledger.dispatchedByHand + 2 * this.troubles();
    if (alive > limit)
      this.onViolation(
        new Violation('few tasks of one entity are alive', `${alive}, at most ${limit}`),
      );
  }

  /** No task before the commit of what it is for. */
  private checkCommitted({ headers }: QueuedTask): void {
    const run = headers['x-lock-run'] ?? '';
    const step = Number(headers['x-lock-seq']);
    const isCommitted =
      this.ledger.runs.has(run) && (step === 1 || this.ledger.step(run, step - 1).isCommitted);
    if (!isCommitted && !this.ledger.setBack.has(this.ledger.runs.get(run) ?? ''))
      this.onViolation(
        new Violation('no task before its commit', `run …${run.slice(-4)} step ${step}`),
      );
  }
}
