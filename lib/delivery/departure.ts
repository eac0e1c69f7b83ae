import { sleep, type Clock } from '../system/clock.js';
import type { LeaseTable } from './lease-table.js';

/** Thrown in place of a handler's result when the process goes before the handler has ended. */
export class AbandonedError extends Error {
  override readonly message = 'The instance shut down before the handler ended.';
}

/** The end of this process's work: no new step begins, and those under way are asked to end, up to a limit. */
export class Departure {
  private begun = false;
  private isOver = false;
  /** Ends the waiting for each handler under way. One promise raced by all would remember every handler there ever was. */
  private readonly waiting = new Set<(error: AbandonedError) => void>();

  constructor(
    private readonly leases: LeaseTable,
    private readonly clock: Clock,
  ) {}

  get isUnderWay(): boolean {
    return this.begun;
  }

  /** Fires the signals of all leases and waits until their steps have ended, at most `limit` milliseconds. */
  async begin(limit: number): Promise<void> {
    this.begun = true;
    for (const lease of this.leases.all) lease.holding.abort('shutdown');
    await Promise.race([this.leases.whenEmpty(), sleep(this.clock, limit)]);
    this.isOver = true;
    for (const abandon of this.waiting) abandon(new AbandonedError());
  }

  /** A handler's result, or the end of waiting for it. */
  orAbandoned<T>(handler: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.isOver) reject(new AbandonedError());
      this.waiting.add(reject);
      handler.then(resolve, reject).finally(() => this.waiting.delete(reject));
    });
  }
}
