import type { Lock } from '../lock/lock.js';

/** What the locker needs of an entity: a place for its lock. */
export interface LockedEntity {
  lock: Lock;
}

/** A class of entities: its kind said explicitly, because minifiers rename classes, and no constructor arguments. */
export interface EntityClass<E extends LockedEntity = LockedEntity> {
  readonly kind: string;
  new (): E;
}
