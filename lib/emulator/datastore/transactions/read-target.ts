import type { StoredEntity } from '../storage/stored-entity.js';
import type { View } from '../storage/view.js';

/** What one read of a transaction depends on. */
export interface ReadTarget {
  /** Names of the looked-up keys. */
  readonly keys: ReadonlySet<string>;
  /** Absent for lookups. */
  readonly query?: QueryTarget;
}

/** A query as a transaction remembers it, to be protected from phantoms. */
export interface QueryTarget {
  /** Whether an entity could be among the results. */
  matches(entity: StoredEntity): boolean;
  /** Equal for two views exactly if the query has the same results in both. */
  fingerprint(view: View): string;
}

/** What a commit is about to do. */
export interface WriteTarget<Result> {
  /** Names of the keys. */
  readonly keys: ReadonlySet<string>;
  /** Whether what it writes is, or was, among what the query could return. */
  touches(query: QueryTarget): boolean;
  /** Does it, at once. */
  apply(): Result;
}
