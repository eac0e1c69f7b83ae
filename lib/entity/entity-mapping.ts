import type { EntityProto, ValueProto } from '../google/datastore-api.js';
import { isLockProperty } from '../datastore/lock-properties.js';
import { decodeValue } from '../datastore/decode.js';
import { encodeValue } from '../datastore/encode.js';
import type { EntityClass, LockedEntity } from './entity-class.js';
import { unindexed, withoutLongIndexed } from '../datastore/indexing.js';
import { propertyRules } from './property.decorators.js';

/** An entity's own properties as they are stored, by stored name. */
export type Properties = ReadonlyMap<string, ValueProto>;

/** What a handler changed, by stored name; undefined: the property was removed. */
export type Changes = ReadonlyMap<string, ValueProto | undefined>;

/** Told of a property that was taken out of the indexes because it is too long for one. */
export type OnLongProperty = (property: string) => void;

/** Names that Datastore keeps for itself, and that must not reach a prototype. */
const reserved = /^__.*__$/;

/** A stored entity's own properties, without those of the lock. */
export function ownProperties({ properties }: EntityProto): Properties {
  const own = Object.entries(properties ?? {});
  return new Map(own.filter(([name]) => !isLockProperty(name) && !reserved.test(name)));
}

/** A new instance with the stored properties in it, those that its class does not declare too. */
export function hydrate<E extends LockedEntity>(type: EntityClass<E>, stored: Properties): E {
  const memberOf = new Map([...propertyRules(type)].map(([member, { name }]) => [name, member]));
  const entity = new type();
  for (const [name, value] of stored)
    if (name !== 'lock')
      Object.assign(entity, { [memberOf.get(name) ?? name]: decodeValue(value) });
  return entity;
}

/**
 * An instance's members as properties. Those that equal the `stored` ones are the same objects.
 *
 * @throws UnsupportedValueError for a value that Datastore has no type for
 */
export function dehydrate(
  entity: LockedEntity,
  stored: Properties,
  onLongProperty: OnLongProperty,
): Properties {
  const rules = propertyRules(entity.constructor);
  const properties = new Map<string, ValueProto>();
  for (const [member, value] of Object.entries(entity)) {
    if (member === 'lock' || value === undefined || typeof value === 'function') continue;
    const rule = rules.get(member);
    const name = rule?.name ?? member;
    const before = stored.get(name);
    const encoded = encodeValue(value, name, before);
    properties.set(
      name,
      encoded === before ? before : indexed(encoded, name, rule?.unindexed, onLongProperty),
    );
  }
  return properties;
}

/** What is different in `now`. */
export function changesBetween(before: Properties, now: Properties): Changes {
  const names = new Set([...before.keys(), ...now.keys()]);
  return new Map(
    [...names]
      .filter((name) => before.get(name) !== now.get(name))
      .map((name) => [name, now.get(name)]),
  );
}

function indexed(
  value: ValueProto,
  name: string,
  never: boolean | undefined,
  onLongProperty: OnLongProperty,
): ValueProto {
  if (never) return unindexed(value);
  const fitting = withoutLongIndexed(value);
  if (fitting !== value) onLongProperty(name);
  return fitting;
}
