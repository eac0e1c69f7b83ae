import type { Clock } from '../../system/clock.js';
import type { Micros } from './time.js';

/**
 * The order of reads and commits as times: every commit is later than all before it, reads included, also when
 * the clock stands still or goes back. A commit's time is also the version of what it wrote.
 */
export class Timeline {
  #latest: Micros;

  /** `latest` is the time of the last commit of an earlier engine on the same file, 0 for none. */
  constructor(
    private readonly clock: Clock,
    latest: Micros,
  ) {
    this.#latest = latest;
  }

  readTime(): Micros {
    this.#latest = Math.max(this.#latest, this.#now());
    return this.#latest;
  }

  commitTime(): Micros {
    this.#latest = Math.max(this.#latest + 1, this.#now());
    return this.#latest;
  }

  #now(): Micros {
    return Math.floor(this.clock.now() * 1000);
  }
}
