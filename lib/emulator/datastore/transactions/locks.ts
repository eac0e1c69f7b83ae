import type { Clock } from '../../../system/clock.js';
import { contention } from '../refusals.js';
import type { Claim } from './lock-conflicts.js';
import type { ReadTarget, WriteTarget } from './read-target.js';
import { type Owner, type Waiting, WaitGraph } from './wait-graph.js';

/**
 * How long a lock is waited for, in milliseconds: longer than an abandoned transaction lives, as measured on Google's
 * emulator, where a write waited 60.9 s for one and was then applied. The real service's limit is not documented.
 */
const WAIT_LIMIT_MS = 90_000;

interface Request extends Waiting {
  grant(): void;
  fail(error: Error): void;
}

/**
 * Locks for reading, held by transactions until they end. Who wants to write waits until nobody else holds what he
 * changes, in the order of arrival, and then writes at once: a lock for writing is never seen held. A wait that would
 * never end fails at once, one that takes too long after 90 s, with ABORTED.
 */
export class Locks {
  readonly #held = new Map<Owner, Claim[]>();
  #queue: Request[] = [];

  constructor(private readonly clock: Clock) {}

  /** Calls `read` when `owner` has the locks for it. */
  share<Result>(owner: Owner, reads: ReadTarget, read: () => Result): Promise<Result> {
    const claim = { reads };
    return this.#request(owner, claim, () => {
      this.#held.set(owner, [...(this.#held.get(owner) ?? []), claim]);
      return read();
    });
  }

  /** Applies `writes` when nobody else holds a lock on it. */
  write<Result>(owner: Owner | undefined, writes: WriteTarget<Result>): Promise<Result> {
    return this.#request(owner ?? {}, { writes }, () => writes.apply());
  }

  /** Gives back all of the owner's locks and ends its waiting. */
  release(owner: Owner): void {
    this.#held.delete(owner);
    for (const request of this.#queue) if (request.owner === owner) request.fail(contention());
    this.#serve();
  }

  /** Ends all waiting with `error`. */
  close(error: Error): void {
    for (const request of this.#queue) request.fail(error);
  }

  #request<Result>(owner: Owner, claim: Claim, work: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      let cancelTimer: (() => void) | undefined;
      const leave = () => {
        cancelTimer?.();
        this.#queue = this.#queue.filter((other) => other !== request);
      };
      const fail = (error: Error) => {
        leave();
        reject(error);
      };
      const grant = () => {
        leave();
        try {
          resolve(work());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const request: Request = { owner, claim, grant, fail };
      this.#queue.push(request);
      this.#serve();
      if (!this.#queue.includes(request)) return;
      cancelTimer = this.clock.after(WAIT_LIMIT_MS, () => {
        fail(contention());
        this.#serve();
      });
      if (this.#graph().isDeadlocked(owner)) fail(contention());
    });
  }

  #serve(): void {
    for (let next = this.#next(); next; next = this.#next()) next.grant();
  }

  #next(): Request | undefined {
    return this.#graph().ready(this.#queue);
  }

  #graph(): WaitGraph {
    return new WaitGraph(this.#held, this.#queue);
  }
}
