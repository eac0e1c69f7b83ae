import 'reflect-metadata';

/** How one member of an entity class is stored. */
export interface PropertyRule {
  /** The stored name, if it is not the member's. */
  readonly name?: string;
  readonly unindexed?: boolean;
}

const RULES = Symbol('nestjs-datastore-locker:properties');

/**
 * Stores a member under another name.
 *
 * @example
 * ```ts
 * @Property('charge_id') chargeId?: string;
 * ```
 */
export function Property(name: string): PropertyDecorator {
  return rule({ name });
}

/**
 * Keeps a member out of Datastore's indexes: required for strings over 1,500 bytes, cheaper for all that nobody queries.
 *
 * @example
 * ```ts
 * @Unindexed() notes?: string;
 * ```
 */
export function Unindexed(): PropertyDecorator {
  return rule({ unindexed: true });
}

/** The rules of a class, those of its parents included, by member. */
export function propertyRules(type: object): ReadonlyMap<string, PropertyRule> {
  return readRules(type) ?? new Map();
}

function rule(change: PropertyRule): PropertyDecorator {
  return ({ constructor }, member) => {
    const rules = new Map(readRules(constructor));
    rules.set(String(member), { ...rules.get(String(member)), ...change });
    Reflect.defineMetadata(RULES, rules, constructor);
  };
}

function readRules(type: object): ReadonlyMap<string, PropertyRule> | undefined {
  const rules: unknown = Reflect.getMetadata(RULES, type);
  return rules instanceof Map ? rules : undefined;
}
