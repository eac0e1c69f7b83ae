import type { Clock } from '../../../system/clock.js';

/** https://cloud.google.com/datastore/docs/concepts/limits */
const LIFETIME_MS = 270_000;
const IDLE_MS = 60_000;

/** Ends something 270 s after its beginning or 60 s after its last use, whichever comes first. */
export class Expiry {
  readonly #endsAt: number;
  #cancel: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly expire: () => void,
  ) {
    this.#endsAt = clock.now() + LIFETIME_MS;
    this.use();
  }

  use(): void {
    this.#cancel();
    const delay = Math.min(IDLE_MS, this.#endsAt - this.clock.now());
    this.#cancel = this.clock.after(Math.max(0, delay), this.expire);
  }

  stop(): void {
    this.#cancel();
  }
}
