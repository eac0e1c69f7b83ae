import { OptionError } from '../locker.errors.js';
import { toMilliseconds, type Duration } from '../system/duration.js';

/** From when on something is `degraded`, and from when on `down`. */
export interface Threshold<T> {
  readonly degraded?: T;
  readonly down?: T;
}

/** What counts as healthy. */
export interface LockerHealthOptions {
  /** How many chains may be overdue. Default: `{ degraded: 100, down: 1000 }`. */
  readonly overdue?: Threshold<number>;
  /** How late the oldest of them may be. Default: `{ degraded: '5m', down: '30m' }`, some sweeps and many. */
  readonly age?: Threshold<Duration>;
  /** How long Datastore and Cloud Tasks may take to answer. Default: `'3s'`. */
  readonly timeout?: Duration;
  /** How long an answer is good for, to everybody who asks. Default: `'10s'`. */
  readonly cacheFor?: Duration;
}

/** The options as they are used: defaults filled in, milliseconds. */
export interface HealthLimits {
  readonly overdue: Required<Threshold<number>>;
  readonly ageMs: Required<Threshold<number>>;
  readonly timeoutMs: number;
  readonly cacheForMs: number;
}

/** @throws OptionError naming the option and what was expected */
export function limitsFrom(options: LockerHealthOptions): HealthLimits {
  const { overdue, age } = options;
  return {
    overdue: ascending('overdue', overdue?.degraded ?? 100, overdue?.down ?? 1_000),
    ageMs: ascending(
      'age',
      milliseconds('age.degraded', age?.degraded ?? '5m'),
      milliseconds('age.down', age?.down ?? '30m'),
    ),
    timeoutMs: milliseconds('timeout', options.timeout ?? '3s'),
    cacheForMs: milliseconds('cacheFor', options.cacheFor ?? '10s'),
  };
}

function milliseconds(option: string, duration: Duration): number {
  const ms = toMilliseconds(duration);
  if (ms !== undefined) return ms;
  throw new OptionError(
    `LockerHealthIndicator: option "${option}" expected a duration such as '5m', got ${JSON.stringify(duration)}.`,
  );
}

function ascending(option: string, degraded: number, down: number): Required<Threshold<number>> {
  if (degraded <= down) return { degraded, down };
  throw new OptionError(
    `LockerHealthIndicator: option "${option}" expected degraded to be at most down, got ${degraded} and ${down}.`,
  );
}
