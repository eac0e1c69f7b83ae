import { type ByteRange, contains, everything, intersection } from '../storage/byte-range.js';
import { afterPrefix } from '../values/ordered-bytes.js';

/** What one property must satisfy. */
export interface Constraint {
  /** Values that the property must all have. */
  readonly equals: readonly Buffer[];
  /** One and the same value must be in this range and none of `except`. */
  readonly range: ByteRange;
  readonly except: readonly Buffer[];
}

/** Filters that must all hold. */
export interface Conjunction {
  /** What the key bytes must begin with. */
  readonly ancestor?: Buffer;
  readonly constraints: ReadonlyMap<string, Constraint>;
}

export const unconstrained: Constraint = { equals: [], range: everything, except: [] };

export function equalTo(value: Buffer): Constraint {
  return { ...unconstrained, equals: [value] };
}

export function below(value: Buffer, inclusive: boolean): Constraint {
  return { ...unconstrained, range: { ...everything, to: inclusive ? afterPrefix(value) : value } };
}

export function above(value: Buffer, inclusive: boolean): Constraint {
  return {
    ...unconstrained,
    range: { ...everything, from: inclusive ? value : afterPrefix(value) },
  };
}

export function noneOf(values: readonly Buffer[]): Constraint {
  return { ...unconstrained, except: values };
}

export function isInequality({ range, except }: Constraint): boolean {
  return except.length > 0 || range.from !== everything.from || range.to !== everything.to;
}

export function bothOf(a: Constraint, b: Constraint): Constraint {
  return {
    equals: [...a.equals, ...b.equals],
    range: intersection(a.range, b.range),
    except: [...a.except, ...b.except],
  };
}

export function mergedConstraints(
  a: ReadonlyMap<string, Constraint>,
  b: ReadonlyMap<string, Constraint>,
): ReadonlyMap<string, Constraint> {
  const merged = new Map(a);
  for (const [property, constraint] of b) {
    merged.set(property, bothOf(merged.get(property) ?? unconstrained, constraint));
  }
  return merged;
}

/** The values that count: none if the property does not satisfy the constraint. */
export function satisfying(values: readonly Buffer[], constraint: Constraint): readonly Buffer[] {
  const has = (wanted: Buffer) => values.some((value) => value.equals(wanted));
  if (!constraint.equals.every(has)) return [];
  if (!isInequality(constraint)) return constraint.equals.length > 0 ? constraint.equals : values;
  return values.filter(
    (value) =>
      contains(constraint.range, value) && !constraint.except.some((other) => other.equals(value)),
  );
}
