import { ShiftingClock } from '../emulator/shifting-clock.js';
import { systemClock, type Clock } from '../system/clock.js';
import { toMilliseconds, type Duration } from '../system/duration.js';

/** The time of the application's locks, of Datastore and of the queues: it runs as the machine's, and a test moves it on. */
export class TestClock {
  /** What they read it from. */
  readonly clock: ShiftingClock;

  /** @param startAt the time it begins with; undefined: the machine's */
  constructor(startAt?: Date) {
    this.clock = new ShiftingClock(startAt && beginningAt(startAt.getTime()));
  }

  /** What time it is. */
  now(): Date {
    return new Date(this.clock.now());
  }

  /**
   * Moves the time on. What falls due meanwhile in the application happens, such as renewals; tasks wait for
   * `tasks.drain()`.
   *
   * @param duration milliseconds, or text such as `'5m'`
   * @throws RangeError for what is no duration
   */
  async advance(duration: Duration): Promise<void> {
    const ms = toMilliseconds(duration);
    if (ms === undefined)
      throw new RangeError(`advance(${duration}): expected a duration such as '5m'.`);
    await this.clock.advance(ms);
  }

  /**
   * Moves the time on to a moment.
   *
   * @throws RangeError for one that is past: time does not go back
   */
  async moveTo(moment: Date): Promise<void> {
    const ms = moment.getTime() - this.clock.now();
    if (!(ms >= 0))
      throw new RangeError(
        `moveTo(${String(moment)}): it is ${this.now().toISOString()} already, and time does not go back.`,
      );
    await this.clock.advance(ms);
  }
}

function beginningAt(moment: number): Clock {
  const shift = moment - systemClock.now();
  return {
    now: () => systemClock.now() + shift,
    after: (delayMs, task) => systemClock.after(delayMs, task),
  };
}
