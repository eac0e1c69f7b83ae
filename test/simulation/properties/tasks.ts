import type { QueuedTask, QueueWatch, SimulatedQueue } from '../google/simulated-queue.js';
import { isSweep } from '../google/simulated-queue.js';
import type { Ledger } from './ledger.js';
import { Violation } from './violation.js';

/** Judges which tasks are created, and how many. */
export class TaskWatch implements QueueWatch {
  queue: SimulatedQueue | undefined;

  constructor(
    private readonly ledger: Ledger,
    /** How many tasks of one entity there may be now. */
    private readonly limit: () => number,
    private readonly onViolation: (violation: Violation) => void,
  ) {}

  created(task: QueuedTask): void {
    if (isSweep(task)) return;
    this.checkCommitted(task);
    const key = task.headers['x-lock-key'];
    const alive = (this.queue?.alive ?? []).filter(({ headers }) => headers['x-lock-key'] === key);
    if (alive.length > this.limit())
      this.onViolation(
        new Violation(
          'few tasks of one entity are alive',
          `${alive.length}, at most ${this.limit()}`,
        ),
      );
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

  /** No task before the commit of what it is for. */
  private checkCommitted({ headers }: QueuedTask): void {
    const run = headers['x-lock-run'] ?? '';
    const step = Number(headers['x-lock-seq']);
    const isCommitted =
      this.ledger.runs.has(run) && (step === 1 || this.ledger.step(run, step - 1).isCommitted);
    if (!isCommitted)
      this.onViolation(
        new Violation('no task before its commit', `run …${run.slice(-4)} step ${step}`),
      );
  }
}
