import { nameOfKey } from '../keys/key-bytes.js';
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

  /** What has changed since `at`, by the names of keys, with what it was then. */
  changedSince(at: Micros): Map<string, StoredEntity | undefined> {
    const then = new Map<string, StoredEntity | undefined>();
    for (let last = this.#changes.length - 1; last >= 0; last--) {
      const change = this.#changes[last];
      if (!change || change.version <= at) break;
      then.set(nameOfKey(change.key), change.before);
    }
    return then;
  }

  #forget(): void {
    const oldest = Math.min(...this.#open.keys());
    const needed = this.#changes.findIndex(({ version }) => version > oldest);
    if (needed === -1) this.#changes = [];
    else if (needed > 0) this.#changes = this.#changes.slice(needed);
  }
}
