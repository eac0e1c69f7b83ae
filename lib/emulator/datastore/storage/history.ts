import type { Micros } from '../time.js';
import type { StoredEntity } from './stored-entity.js';

interface Change {
  readonly version: Micros;
  readonly key: Buffer;
  readonly before: StoredEntity | undefined;
}

/** What entities were before each commit, as far back as the oldest open snapshot: in memory, like the snapshots. */
export class History {
  #changes: Change[] = [];
  readonly #open = new Map<Micros, number>();

  /** From now on, until `release`, the state at `at` can be told. */
  hold(at: Micros): void {
    this.#open.set(at, (this.#open.get(at) ?? 0) + 1);
  }

  release(at: Micros): void {
    const holders = (this.#open.get(at) ?? 0) - 1;
    if (holders > 0) this.#open.set(at, holders);
    else this.#open.delete(at);
    this.#forget();
  }

  record(change: Change): void {
    if (this.#open.size > 0) this.#changes.push(change);
  }

  /** What has changed since `at`, by key bytes in hex, with what it was then. */
  changedSince(at: Micros): Map<string, StoredEntity | undefined> {
    const then = new Map<string, StoredEntity | undefined>();
    for (const { version, key, before } of this.#changes) {
      const name = key.toString('hex');
      if (version > at && !then.has(name)) then.set(name, before);
    }
    return then;
  }

  #forget(): void {
    const oldest = Math.min(...this.#open.keys());
    this.#changes = this.#changes.filter(({ version }) => version > oldest);
  }
}
