import type { EntityClass } from '../entity/entity-class.js';
import type { Duration } from '../system/duration.js';

/** What a task does otherwise than the module's options say. */
export interface LockedTaskOptions {
  /** What a lost attempt means, of which nobody knows what it did. */
  readonly onLost?: 'retry' | 'fail';
  /** Attempts after the first. */
  readonly maxRetries?: number;
  /** The pause after a failed attempt, doubling. */
  readonly backoff?: { readonly min?: Duration; readonly max?: Duration };
  /** The route's path below the controller's. Default: the task's name. */
  readonly path?: string;
}

/** What `@LockedTask` leaves for the explorer to find. */
export interface LockedTaskDeclaration {
  readonly name: string;
  readonly entity: EntityClass;
  readonly options: LockedTaskOptions;
}

/** Where it leaves it. */
export const LOCKED_TASK = 'nestjs-datastore-locker:task';
