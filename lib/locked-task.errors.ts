import { toMilliseconds, type Duration } from './system/duration.js';
import { LockerError, TaskRefusedError } from './locker.errors.js';

/**
 * Thrown by a handler: this step can never succeed. The run fails at once, without another attempt.
 *
 * @example
 * ```ts
 * throw new PermanentTaskError('the card was declined');
 * ```
 */
export class PermanentTaskError extends LockerError {
  readonly code = 'PERMANENT';
  readonly status = 200;
}

/**
 * Thrown by a handler: this step is to run at another time. That counts as no failed attempt, but a step may ask
 * for it only `maxPostpones` times.
 *
 * @example
 * ```ts
 * throw new RetryTaskError('the export is not ready', { delay: '2m' });
 * ```
 */
export class RetryTaskError extends LockerError {
  readonly code = 'RETRY';
  readonly status = 200;
  /** Milliseconds from now. */
  readonly delay: number;

  /** @throws TaskRefusedError for a delay that is no duration or over 30 days */
  constructor(message: string, options: ErrorOptions & { delay: Duration }) {
    super(message, options);
    const delay = toMilliseconds(options.delay);
    if (delay === undefined || delay > longestDelay)
      throw new TaskRefusedError(
        `A step was to be postponed by ${options.delay}; expected a duration up to 30 days, such as '2m'.`,
      );
    this.delay = delay;
  }
}

/** Cloud Tasks schedules no further ahead, milliseconds: https://cloud.google.com/tasks/docs/quotas */
export const longestDelay = 30 * 86_400_000;
