import type { Key } from '@google-cloud/datastore';
import type { TaskOptions } from '../tasks/plan-task.js';
import type { Duration } from '../system/duration.js';

/** How the next step begins. */
export interface NextOptions extends TaskOptions {
  /** Arrivals (`tx.arrive(key)`) that the step waits for. Default: 0, it begins at once. */
  readonly waitFor?: number;
  /** How long it waits at most; then it begins with `lease.timedOut`. Required with `waitFor`. */
  readonly within?: Duration;
}

/** What became of a step that was scheduled. */
export interface Scheduled {
  /** The run it belongs to. */
  readonly run: string;
  /** Whether this call began that run. */
  readonly started: boolean;
  /** Whether its task exists already. If not, redelivery or the sweep creates it. */
  readonly dispatched: boolean;
}

/**
 * The right to execute one step of one run, held by one request: the second argument of a `@LockedTask` method.
 * A class, not an interface, so that decorated signatures can name it.
 */
export abstract class Lease {
  /** The entity's key. */
  abstract readonly key: Key;
  /** The run's id: the same for all its steps, different for the next run of the same entity. */
  abstract readonly run: string;
  /** The step's number: 1, 2, 3, … */
  abstract readonly step: number;
  /** Which attempt of the step this is, from 1; lost ones count. */
  abstract readonly attempt: number;
  /** The step's task name, as given to `@LockedTask`. */
  abstract readonly task: string;
  /** The short name of the queue that delivered it, and that the next step goes to by default. */
  abstract readonly queue: string;
  /** The same for every attempt of this step and for nothing else: for payment providers and the like. */
  abstract readonly idempotencyKey: string;
  /** Whether the step waited for arrivals and its deadline passed before all had come. */
  abstract readonly timedOut: boolean;
  /** When this request will be cut off. */
  abstract readonly deadline: Date;
  /** Milliseconds until then; below 0 when it is over. */
  abstract readonly timeLeftMs: number;
  /** Aborts when the lease is lost or about to be, the time is nearly up, the run is cancelled or the instance goes. */
  abstract readonly signal: AbortSignal;

  /**
   * Stores the entity's changes and schedules the next step, all or nothing.
   *
   * @param task the next step's task name; default: the same task again
   * @throws LeaseLostError, AlreadySettledError, TaskRefusedError, OutcomeUnknownError
   */
  abstract next(task?: string, options?: NextOptions): Promise<Scheduled>;

  /**
   * Stores the entity's changes and completes the run. Returning from the handler does the same.
   *
   * @throws LeaseLostError, AlreadySettledError, OutcomeUnknownError
   */
  abstract complete(): Promise<void>;

  /**
   * Stores the entity's changes without ending the step, and renews the lease.
   *
   * @throws LeaseLostError, AlreadySettledError, OutcomeUnknownError
   */
  abstract save(): Promise<void>;

  /**
   * Proves that the lease still stands, and makes it count from now: for just before what cannot be undone.
   *
   * @throws LeaseLostError, AlreadySettledError, OutcomeUnknownError
   */
  abstract renew(): Promise<void>;
}
