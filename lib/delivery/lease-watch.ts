import { LeaseAbortedError } from '../locker.errors.js';
import type { Clock } from '../system/clock.js';

/** What a lease lives by. All durations are milliseconds. */
export interface WatchTerms {
  /** How long the lease is good for after it was acquired or renewed. */
  readonly duration: number;
  readonly renews: boolean;
  /** When the request will be cut off, milliseconds since the epoch. */
  readonly deadline: number;
}

/** The signal fires when this much of the lease is over, from when the last good renewal was sent. */
const expiry = 0.9;
/** The lease is renewed when this much of it is over; a short handler never pays for it. */
const renewal = 0.5;
/** A renewal that failed is tried again after this much of the lease. */
const again = 0.1;
/** How long before the request is cut off the signal fires, as a part of the time it had, and at most, milliseconds. */
const notice = { part: 0.1, longest: 10_000 };

/** The timers of one lease: renews it in time, and fires its signal when it is lost, about to be, or out of time. */
export class LeaseWatch {
  private readonly controller = new AbortController();
  private isStopped = false;
  private cancelRenewal = () => {};
  private cancelExpiry = () => {};
  private readonly cancelDeadline: () => void;

  /**
   * A lease that is old from the start lives by its first renewal, which it gets before its handler starts: a signal
   * that has fired before would end the work at its beginning, and cost an attempt each time.
   *
   * @param renew renews the lease; false: it is lost
   */
  constructor(
    private readonly clock: Clock,
    private readonly terms: WatchTerms,
    private readonly key: string,
    private readonly renew: () => Promise<boolean>,
    sentAt: number,
  ) {
    const passed = clock.now() - sentAt;
    const time = terms.deadline - sentAt;
    const margin = Math.min(notice.longest, notice.part * time);
    this.cancelDeadline = clock.after(time - margin - passed, () => this.abort('deadline'));
    if (passed <= renewal * terms.duration) this.renewed(sentAt);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The lease counts anew from when its acquire or renewal was sent. */
  renewed(sentAt: number): void {
    this.cancelRenewal();
    this.cancelExpiry();
    if (this.isStopped) return;
    const passed = this.clock.now() - sentAt;
    const { duration, renews } = this.terms;
    this.cancelExpiry = this.clock.after(expiry * duration - passed, () => this.abort('expiring'));
    if (renews) this.renewIn(renewal * duration - passed);
  }

  abort(reason: LeaseAbortedError['reason']): void {
    if (!this.signal.aborted) this.controller.abort(new LeaseAbortedError(this.key, reason));
  }

  /** For good: a renewal under way is the last, or a lease that nobody uses any more would never die. */
  stop(): void {
    this.isStopped = true;
    this.cancelRenewal();
    this.cancelExpiry();
    this.cancelDeadline();
  }

  private renewIn(delay: number): void {
    this.cancelRenewal = this.clock.after(delay, () => void this.renewNow());
  }

  private async renewNow(): Promise<void> {
    try {
      if (!(await this.renew())) this.abort('lost');
    } catch {
      // Datastore did not answer. The lease may last until it does; if not, the signal fires in time.
      if (!this.signal.aborted && !this.isStopped) this.renewIn(again * this.terms.duration);
    }
  }
}
