import { nameOfKey } from '../keys/key-bytes.js';
import type { StoredEntity } from './stored-entity.js';

/** At most so many, and none over so many bytes: some 16 MiB in all. */
const limits = { count: 1_000, bytes: 16 * 1024 };

/** The entities that were read or written last, as they are stored. */
export class RecentEntities {
  readonly #entities = new Map<string, StoredEntity>();

  get(key: Buffer): StoredEntity | undefined {
    return this.#entities.get(nameOfKey(key));
  }

  set(entity: StoredEntity): void {
    const name = nameOfKey(entity.key);
    this.#entities.delete(name);
    if (entity.bytes.length > limits.bytes) return;
    this.#entities.set(name, entity);
    if (this.#entities.size <= limits.count) return;
    const [oldest] = this.#entities.keys();
    if (oldest !== undefined) this.#entities.delete(oldest);
  }

  delete(key: Buffer): void {
    this.#entities.delete(nameOfKey(key));
  }

  /** What is stored is not what was written last: that was taken back. */
  clear(): void {
    this.#entities.clear();
  }
}
