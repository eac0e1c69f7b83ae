import { kindOf } from '../datastore/keys.js';
import { readLock } from '../datastore/lock-properties.js';
import type { EntityProto, KeyProto } from '../google/datastore-api.js';
import { Lock } from '../lock/lock.js';
import type { Log } from '../system/log.js';
import type { EntityClass, LockedEntity } from './entity-class.js';
import { dehydrate } from './entity-mapping.js';
import { overlay, replaced, TrackedEntity } from './tracked-entity.js';

/** The entity to store, given what is stored; undefined: nothing is. */
export type Content = (stored: EntityProto | undefined) => EntityProto;

/** Hands entities out, and knows those that it has handed out. */
export class EntityTracker {
  private readonly tracked = new WeakMap<LockedEntity, TrackedEntity>();
  private readonly warned = new Set<string>();

  constructor(private readonly log: Log) {}

  /** An instance of a class with what is stored, its lock included. */
  load<E extends LockedEntity>(
    type: EntityClass<E>,
    proto: EntityProto,
    lock: Lock | undefined = readLock(proto),
  ): TrackedEntity<E> {
    const warn = (property: string) => this.warnOfLong(type.kind, property);
    const tracked = TrackedEntity.load(type, proto, warn);
    tracked.instance.lock = lock ?? new Lock();
    this.tracked.set(tracked.instance, tracked);
    return tracked;
  }

  /** The same; where the class's own constructor or a setter throws, an instance without anything, and what it threw. */
  attempt<E extends LockedEntity>(
    type: EntityClass<E>,
    proto: EntityProto,
    lock: Lock,
  ): { tracked: TrackedEntity<E>; flaw: unknown } {
    try {
      return { tracked: this.load(type, proto, lock), flaw: undefined };
    } catch (error) {
      const flaw = error ?? new Error(`The class of ${type.kind} threw nothing.`);
      return { tracked: TrackedEntity.blank(type), flaw };
    }
  }

  /**
   * What storing an entity means: one that was handed out here writes its changes over what is stored; any other
   * replaces all properties but the lock's.
   *
   * @throws UnsupportedValueError for a value that Datastore has no type for
   */
  contentOf(entity: LockedEntity, key: KeyProto): Content {
    const tracked = this.tracked.get(entity);
    const changes = tracked?.changes();
    const properties =
      tracked?.properties() ??
      dehydrate(entity, new Map(), (property) => this.warnOfLong(kindOf(key), property));
    return (stored) =>
      stored && changes ? overlay(stored, changes) : replaced(stored ?? { key }, properties);
  }

  /** What an entity has stored is no change of its any more. */
  stored(entity: LockedEntity): void {
    const tracked = this.tracked.get(entity);
    tracked?.saved(tracked.changes());
  }

  private warnOfLong(kind: string, property: string): void {
    const name = `${kind}.${property}`;
    if (this.warned.has(name)) return;
    this.warned.add(name);
    this.log.warn(
      `${name} is stored without an index, because it is longer than the 1,500 bytes that one holds. Declare it @Unindexed().`,
      { kind, property },
    );
  }
}
