import { invalidArgument } from '../refusals.js';
import type { Value } from '../wire/entity-messages.js';
import type { CompositeFilter, Filter, PropertyFilter } from '../wire/query-messages.js';
import * as constraint from './conjunction.js';
import type { Conjunction, Constraint } from './conjunction.js';
import { ancestorOf, comparable, comparables, type QueryScope } from './filter-values.js';

/** https://cloud.google.com/datastore/docs/concepts/queries */
const MAX_BRANCHES = 30;

/** The filter as alternatives, of which one at least must hold. Throws INVALID_ARGUMENT. */
export function alternatives(filter: Filter | null, scope: QueryScope): readonly Conjunction[] {
  const branches = filter ? branchesOf(filter, scope) : [{ constraints: new Map() }];
  if (branches.length > MAX_BRANCHES) {
    throw invalidArgument(`The query has more than ${MAX_BRANCHES} disjunctions.`);
  }
  return branches;
}

function branchesOf(filter: Filter, scope: QueryScope): readonly Conjunction[] {
  switch (filter.filterType) {
    case 'propertyFilter':
      return propertyBranches(filter.propertyFilter, scope);
    case 'compositeFilter':
      return compositeBranches(filter.compositeFilter, scope);
    case undefined:
    default:
      throw invalidArgument('A filter is missing its type.');
  }
}

function compositeBranches({ op, filters }: CompositeFilter, scope: QueryScope) {
  if (filters.length === 0)
    throw invalidArgument('A composite filter must have at least one filter.');
  const parts = filters.map((filter) => branchesOf(filter, scope));
  switch (op) {
    case 'OR':
      return parts.flat();
    case 'AND':
      return parts.reduce(conjoined);
    default:
      throw invalidArgument(`Unrecognized CompositeFilter.op: ${op}`);
  }
}

/** Every way to satisfy one of `left` and one of `right`. */
function conjoined(
  left: readonly Conjunction[],
  right: readonly Conjunction[],
): readonly Conjunction[] {
  if (left.length * right.length > MAX_BRANCHES ** 2) {
    throw invalidArgument(`The query has more than ${MAX_BRANCHES} disjunctions.`);
  }
  return left.flatMap((a) => right.map((b) => both(a, b)));
}

function both(a: Conjunction, b: Conjunction): Conjunction {
  const constraints = constraint.mergedConstraints(a.constraints, b.constraints);
  const ancestor = a.ancestor ?? b.ancestor;
  if (a.ancestor && b.ancestor && !a.ancestor.equals(b.ancestor)) {
    throw invalidArgument('Only one ancestor is allowed in a query.');
  }
  return ancestor ? { ancestor, constraints } : { constraints };
}

function propertyBranches({ property, op, value }: PropertyFilter, scope: QueryScope) {
  const name = property?.name ?? '';
  if (name === '') throw invalidArgument('The property.name is the empty string.');
  if (!value) throw invalidArgument(`The filter on "${name}" does not contain a value.`);
  if (op === 'HAS_ANCESTOR')
    return [{ ancestor: ancestorOf(name, value, scope), constraints: new Map() }];
  return constraintsOf(op, name, value, scope).map((one) => ({
    constraints: new Map([[name, one]]),
  }));
}

function constraintsOf(op: string, name: string, value: Value, scope: QueryScope): Constraint[] {
  const single = () => comparable(name, value, scope);
  const list = () => comparables(name, op, value, scope);
  switch (op) {
    case 'EQUAL':
      return [constraint.equalTo(single())];
    case 'LESS_THAN':
      return [constraint.below(single(), false)];
    case 'LESS_THAN_OR_EQUAL':
      return [constraint.below(single(), true)];
    case 'GREATER_THAN':
      return [constraint.above(single(), false)];
    case 'GREATER_THAN_OR_EQUAL':
      return [constraint.above(single(), true)];
    case 'NOT_EQUAL':
      return [constraint.noneOf([single()])];
    case 'IN':
      return list().map(constraint.equalTo);
    case 'NOT_IN':
      return [constraint.noneOf(list())];
    case 'OPERATOR_UNSPECIFIED':
      throw invalidArgument('a property filter must specify an operator');
    default:
      throw invalidArgument(`Unrecognized PropertyFilter.op: ${op}`);
  }
}
