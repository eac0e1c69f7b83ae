import { sleep, type Clock } from '../system/clock.js';
import type { LeaseTable } from './lease-table.js';

/** Thrown in place of a handler's result when the process goes before the handler has ended. */
export class AbandonedError extends Error {
  override readonly message = 'The instance shut down before the handler ended.';
}

/** The end of this process's work: no new step begins, and those under way are asked to end, up to a limit. */
export class Departure {
  private begun = false;
  private abandon: (error: AbandonedError) => void = () => {};
  private readonly abandoned = new Promise<never>((_, reject) => {
    this.abandon = reject;
  });

  constructor(
    private readonly leases: LeaseTable,
    private readonly clock: Clock,
  ) {
    this.abandoned.catch(() => undefined);
  }

  get isUnderWay(): boolean {
    return this.begun;
  }

  /** Fires the signals of all leases and waits until their steps have ended, at most `limit` milliseconds. */
  async begin(limit: number): Promise<void> {
    this.begun = true;
    for (const lease of this.leases.all) lease.holding.abort('shutdown');
    await Promise.race([this.leases.whenEmpty(), sleep(this.clock, limit)]);
    this.abandon(new AbandonedError());
  }

  /** A handler's result, or the end of waiting for it. */
  orAbandoned<T>(handler: Promise<T>): Promise<T> {
    return Promise.race([handler, this.abandoned]);
  }
}
