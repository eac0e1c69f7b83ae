import { keyText } from '../datastore/keys.js';
import type { Grant } from '../lock/acquire.js';
import type { LockerError } from '../locker.errors.js';
import type { Log } from '../system/log.js';
import type { TaskRequest } from '../tasks/task-request.js';
import type { Answer } from './answer.js';
import type { Pace } from './pace.js';

/** Tells what became of deliveries, a sentence each; loud where somebody may have to act, or when verbose. */
export class DeliveryLog {
  constructor(
    private readonly log: Log,
    private readonly verbose: boolean,
    private readonly pace: Pace,
  ) {}

  /** A delivery that is to run its step. */
  acquired(request: TaskRequest, grant: Grant): void {
    const attempt = grant.lock.tries + 1;
    const what = grant.verdict === 'acquired' ? 'Acquired' : 'Took over';
    const reason = reasonOf(grant);
    this.tell(`${what} ${stepOf(request)}, attempt ${attempt}: ${reason}`, {
      ...fields(request),
      attempt,
      outcome: grant.verdict,
      reason,
    });
  }

  /** A delivery that did not run its step. @param owed whether something had to be done for the entity before */
  dropped(request: TaskRequest, { status, outcome, reason }: Answer, owed = false): void {
    const what = status === 200 ? 'Dropped' : 'Refused';
    const first = status === 200 ? 'what it owes was done first' : 'what it owes is not done yet';
    this.tell(
      `${what} a task for ${stepOf(request)}: ${outcome}, ${reason}${owed ? `; ${first}` : ''}`,
      { ...fields(request), status, outcome, reason },
    );
  }

  /** A delivery whose step could not be decided about: its lock is damaged, or Datastore does not answer. */
  undecided(request: TaskRequest, { code, message, status }: LockerError): void {
    this.log.warn(`Refused a task for ${stepOf(request)}: ${message}`, {
      ...fields(request),
      status,
      outcome: code,
    });
  }

  /** A delivery that ran its step. */
  ran(request: TaskRequest, attempt: number, ms: number, answer: Answer): void {
    const { outcome, reason } = answer;
    // Of an attempt that is released, the handler's error says it.
    const status = outcome === 'released' ? undefined : answer.status;
    this.pace.note();
    this.tell(
      `Ran ${stepOf(request)}, attempt ${attempt}: ${outcome} in ${ms} ms${reason ? `, ${reason}` : ''}`,
      { ...fields(request), attempt, ms, status, outcome, reason },
    );
  }

  /** An attempt whose handler threw. */
  threw(request: TaskRequest, attempt: number, how: string, error: unknown): void {
    this.log.warn(`Attempt ${attempt} of ${stepOf(request)} threw; the step is ${how}`, {
      ...fields(request),
      attempt,
      outcome: how,
      error,
    });
  }

  /** A handler that threw when its step was settled already. */
  threwLate(request: TaskRequest, error: unknown): void {
    this.log.warn(`The handler of ${stepOf(request)} threw after it had settled; nothing changes`, {
      ...fields(request),
      error,
    });
  }

  /** A settle that could not be committed. */
  unsettled(request: TaskRequest, how: string, error: unknown): void {
    this.log.warn(`${stepOf(request)} could not be ${how}`, {
      ...fields(request),
      outcome: how,
      error,
    });
  }

  private tell(sentence: string, details: object): void {
    if (this.verbose) this.log.log(sentence, details);
    else this.log.debug(sentence, details);
  }
}

function reasonOf({ verdict, lock }: Grant): string {
  if (verdict === 'taken-over') return 'its holder had gone silent';
  // Renewed instead of acquired: it was this very request's already.
  if (lock.holder?.since !== lock.timestamp) return 'by a commit whose answer had been lost';
  return lock.timedOut ? 'not all arrivals came before its deadline' : 'it was free';
}

function stepOf({ key, step }: TaskRequest): string {
  return `step ${step} of ${keyText(key)}`;
}

function fields({ key, run, step, taskName }: TaskRequest): object {
  return { key: keyText(key), run, step, task: taskName };
}
