import { isDeepStrictEqual } from 'node:util';
import { decodeValue } from '../datastore/decode.js';
import { isLockProperty } from '../datastore/lock-properties.js';
import type { EntityProto, ValueProto } from '../google/datastore-api.js';
import type { EntityClass, LockedEntity } from './entity-class.js';
import {
  changesBetween,
  dehydrate,
  hydrate,
  ownProperties,
  type Changes,
  type OnLongProperty,
  type Properties,
} from './entity-mapping.js';

/** An instance that was read from Datastore, and what it was read as: tells what has been changed since. */
export class TrackedEntity<E extends LockedEntity = LockedEntity> {
  private constructor(
    readonly instance: E,
    /** What is stored, as far as is known here. */
    private known: Properties,
    /** What the instance was given: what is stored, and what its class gives to members that are not. */
    private given: Properties,
    private readonly onLongProperty: OnLongProperty,
  ) {}

  /** An instance of a class with everything that is stored. */
  static load<E extends LockedEntity>(
    type: EntityClass<E>,
    proto: EntityProto,
    onLongProperty: OnLongProperty,
  ): TrackedEntity<E> {
    const stored = ownProperties(proto);
    const instance = hydrate(type, stored);
    const given = dehydrate(instance, stored, () => undefined);
    return new TrackedEntity(instance, stored, given, onLongProperty);
  }

  /** An instance that nothing was read into, and that has nothing to store. */
  static blank<E extends LockedEntity>(type: EntityClass<E>): TrackedEntity<E> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unsafe-argument -- what `new` would make
    const instance = Object.create(type.prototype) as E;
    return new TrackedEntity(instance, new Map(), new Map(), () => undefined);
  }

  /**
   * What is different from what was read or last saved.
   *
   * @throws UnsupportedValueError for a value that Datastore has no type for
   */
  changes(): Changes {
    return changesBetween(this.given, this.properties());
  }

  /** All properties as they are now. */
  properties(): Properties {
    return dehydrate(this.instance, this.given, this.onLongProperty);
  }

  /** Changes that are stored are no changes any more. */
  saved(changes: Changes): void {
    this.known = changed(this.known, changes);
    this.given = changed(this.given, changes);
  }

  /** Changed properties that somebody else has changed meanwhile. */
  conflicts(changes: Changes, stored: EntityProto): string[] {
    const now = ownProperties(stored);
    const isSame = (name: string) =>
      isDeepStrictEqual(decoded(now.get(name)), decoded(this.known.get(name)));
    return [...changes.keys()].filter((name) => !isSame(name));
  }
}

function changed(properties: Properties, changes: Changes): Properties {
  const result = new Map(properties);
  for (const [name, value] of changes)
    if (value) result.set(name, value);
    else result.delete(name);
  return result;
}

function decoded(value: ValueProto | undefined): unknown {
  return value && decodeValue(value);
}

/** A stored entity with changes laid over it; everything else stays as it is, byte for byte. */
export function overlay(stored: EntityProto, changes: Changes): EntityProto {
  const properties = { ...stored.properties };
  for (const [name, value] of changes)
    if (value) properties[name] = value;
    else delete properties[name];
  return { ...stored, properties };
}

/** An entity with other properties of its own; the lock it has stays. */
export function replaced(stored: EntityProto, properties: Properties): EntityProto {
  const lock = Object.entries(stored.properties ?? {}).filter(([name]) => isLockProperty(name));
  return { ...stored, properties: Object.fromEntries([...lock, ...properties]) };
}
