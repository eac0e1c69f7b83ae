import { partitionBytes } from '../keys/key-bytes.js';
import { type ByteRange, everything, intersection, startingWith } from '../storage/byte-range.js';
import { indexScope, KEY_PROPERTY } from '../storage/index-scope.js';
import type { Store } from '../storage/store.js';
import type { StoredEntity } from '../storage/stored-entity.js';
import { KEY_TYPE } from '../values/value-bytes.js';
import { type Conjunction, type Constraint, isInequality, unconstrained } from './conjunction.js';
import type { Position } from './cursor.js';
import type { Order, QueryPlan } from './query-plan.js';

/** One stretch of one index that holds every entity a conjunction can match. */
export interface Scan {
  /** That of every entry; absent where they differ, and results are sorted by it first. */
  readonly value?: Buffer;
  /** Of the index; absent for the entities themselves, by key. */
  readonly scope?: Buffer;
  /** Over value and key together. */
  readonly range: ByteRange;
  readonly descending: boolean;
  /** The entries come in the order of the query's results. */
  readonly ordered: boolean;
  /** Every entry is a match, and its value is what the result is sorted by: the entity need not be looked at. */
  readonly exact: boolean;
}

/** Finds the stretch: by an equality if there is one, else by ancestor, else by the first order, else the kind. */
export function planScan(plan: QueryPlan, branch: Conjunction): Scan {
  const equal = [...branch.constraints].find(
    ([name, { equals }]) => equals.length > 0 && name !== KEY_PROPERTY,
  );
  if (equal) return equalityScan(plan, branch, ...equal);
  const first = plan.orders[0];
  if (!branch.ancestor && plan.kind !== undefined && first && first.property !== KEY_PROPERTY) {
    return orderScan(plan, branch, plan.kind, first);
  }
  return keyScan(plan, branch);
}

/** The rest of an ordered scan. */
export function resumed(scan: Scan, { values, key }: Position): Scan {
  const entry = Buffer.concat([scan.value ?? values[0] ?? Buffer.alloc(0), key]);
  const rest = scan.descending
    ? { ...everything, to: entry }
    : { ...everything, from: Buffer.concat([entry, Buffer.of(0)]) };
  // A later value of an entity that came before would pass for a new one.
  return { ...scan, range: intersection(scan.range, rest), exact: false };
}

export function* run(scan: Scan, store: Store): Generator<{ value: Buffer; entity: StoredEntity }> {
  if (scan.scope) {
    yield* store.index.scan(scan.scope, scan.range, scan.descending);
    return;
  }
  const range = { from: scan.range.from.subarray(1), to: scan.range.to.subarray(1) };
  for (const entity of store.entities.scan(range, scan.descending))
    yield { value: KEY_TYPE, entity };
}

function equalityScan(
  plan: QueryPlan,
  branch: Conjunction,
  property: string,
  { equals }: Constraint,
): Scan {
  const value = equals[0] ?? Buffer.alloc(0);
  const keys = keyRange(plan, branch);
  const others = plan.orders.filter((order) => !isFixed(order, branch));
  return {
    value,
    scope: indexScope(plan.partition, plan.kind ?? '', property),
    range: {
      from: Buffer.concat([value, keys.from.subarray(1)]),
      to: Buffer.concat([value, keys.to.subarray(1)]),
    },
    descending: plan.keyDescending,
    ordered: isByKey(others, plan),
    exact: plan.orders.length === 0 && branch.constraints.size === 1 && equals.length === 1,
  };
}

function orderScan(plan: QueryPlan, branch: Conjunction, kind: string, first: Order): Scan {
  const constraint = branch.constraints.get(first.property) ?? unconstrained;
  const isOnly = plan.orders.length === 1 && !isExpanding(plan, first.property);
  const others = branch.constraints.size - (constraint === unconstrained ? 0 : 1);
  return {
    scope: indexScope(plan.partition, kind, first.property),
    range: constraint.range,
    descending: first.descending,
    ordered: isOnly,
    exact: isOnly && constraint.except.length === 0 && others === 0,
  };
}

function keyScan(plan: QueryPlan, branch: Conjunction): Scan {
  return {
    value: KEY_TYPE,
    ...(plan.kind !== undefined && { scope: indexScope(plan.partition, plan.kind, KEY_PROPERTY) }),
    range: keyRange(plan, branch),
    descending: plan.keyDescending,
    ordered: isByKey(plan.orders, plan),
    exact: plan.orders.length === 0 && branch.constraints.size === 0,
  };
}

/** Where the keys of a conjunction's matches are, as values. */
function keyRange({ partition }: QueryPlan, { ancestor, constraints }: Conjunction): ByteRange {
  const family = startingWith(Buffer.concat([KEY_TYPE, ancestor ?? partitionBytes(partition)]));
  const { range, equals } = constraints.get(KEY_PROPERTY) ?? unconstrained;
  const wanted = intersection(family, range);
  return equals.reduce((all, key) => intersection(all, startingWith(key)), wanted);
}

/** All results have the same value of that property. */
function isFixed({ property }: Order, { constraints }: Conjunction): boolean {
  const constraint = constraints.get(property);
  return constraint !== undefined && constraint.equals.length > 0 && !isInequality(constraint);
}

function isByKey(orders: readonly Order[], plan: QueryPlan): boolean {
  if (plan.projection.length > 0 || plan.distinctOn.length > 0) return false;
  const [first] = orders;
  return !first || (first.property === KEY_PROPERTY && first.descending === plan.keyDescending);
}

function isExpanding({ projection, distinctOn }: QueryPlan, property: string): boolean {
  return projection.includes(property) || distinctOn.includes(property);
}
