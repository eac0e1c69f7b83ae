import type { Key } from '@google-cloud/datastore';
import type { NextOptions } from '../delivery/lease.js';
import type { EntityKey } from '../entity/entity-classes.js';
import type { LockedEntity } from '../entity/entity-class.js';
import type { ArrivalTag } from '../lock/arrive.js';
import type { StartOptions } from './starter.js';

/**
 * What the function given to `LockerService.transact()` works with. Reads see the database as it was when the
 * transaction began, and what was saved since by this transaction itself; everything else takes effect together, when
 * the function has returned, or not at all. The function runs again, with fresh copies, when others conflict with it,
 * so it must change nothing but what it got here.
 */
export interface LockerTransaction {
  /** An entity, with its lock; undefined: there is none. */
  get<E extends LockedEntity>(key: EntityKey<E>): Promise<E | undefined>;
  /** Stores an entity: one that `get` returned writes its changes, a new one replaces what is stored. */
  save<E extends LockedEntity>(key: EntityKey<E>, entity: E): void;
  /** Deletes an entity, its lock and the run on it. */
  delete(key: Key): void;
  /** Stores an entity and begins a run on it, as `LockerService.schedule` does. */
  schedule<E extends LockedEntity>(
    key: EntityKey<E>,
    entity: E,
    task: string,
    options?: StartOptions,
  ): void;
  /** Counts one arrival at an entity that waits for some, or will: see `NextOptions.waitFor`. */
  arrive(key: Key, tag?: ArrivalTag): void;
  /** Ends the handler's own step as `lease.next()` does, together with everything else. */
  next(task?: string, options?: NextOptions): void;
  /** Ends the handler's own run as `lease.complete()` does, together with everything else. */
  complete(): void;
}
