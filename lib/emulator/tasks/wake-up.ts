import type { Clock } from '../../system/clock.js';

/** The longest single timer: Node's overflow after 24.8 days, and tasks may lie further ahead. Too early does no harm. */
const LONGEST_TIMER_MS = 24 * 60 * 60 * 1000;

/** One appointment, the earliest of those asked for; never kept within the call that asks. */
export class WakeUp {
  private appointment: number | undefined;
  private cancelTimer: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly task: () => void,
  ) {}

  /** When it is, in milliseconds since the epoch. */
  get at(): number | undefined {
    return this.appointment;
  }

  /** Moves the appointment forward to `time`, if it is not earlier already. */
  notLaterThan(time: number): void {
    if (this.appointment !== undefined && this.appointment <= time) return;
    this.appointment = time;
    this.setTimer();
  }

  cancel(): void {
    this.cancelTimer();
    this.appointment = undefined;
  }

  private setTimer(): void {
    this.cancelTimer();
    const delay = Math.max(0, (this.appointment ?? 0) - this.clock.now());
    this.cancelTimer = this.clock.after(Math.min(delay, LONGEST_TIMER_MS), () => this.ring());
  }

  private ring(): void {
    this.appointment = undefined;
    this.task();
  }
}
