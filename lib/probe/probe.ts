import type { Lock } from '../lock/lock.js';
import type { TaskRequest } from '../tasks/task-request.js';

/** What is known about the request that holds a lease. `unknown` where anything else could be wrong. */
export type Finding = 'ended' | 'running' | 'unknown';

/** What a probe is asked: has the request ended that holds this lock's lease? */
export interface Question {
  /** The lock as it is stored, held by somebody who does not renew. */
  readonly lock: Lock;
  /** The delivery that would take the lease over. */
  readonly request: TaskRequest;
  /** Now, milliseconds since the epoch. */
  readonly now: number;
}

/** A source of evidence. What it throws, or answers too late, counts as unknown. */
export interface Probe {
  /** For the log. */
  readonly name: string;
  /** Whether it answers from the question alone, so that it may be asked before the lease is over. Default: it does not. */
  readonly isFree?: boolean;
  /** Never called while a transaction is open. */
  ask(question: Question): Finding | Promise<Finding>;
}
