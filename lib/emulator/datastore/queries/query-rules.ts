import { invalidArgument } from '../refusals.js';
import { KEY_PROPERTY } from '../storage/index-scope.js';
import type { Filter, PropertyFilter, Query } from '../wire/query-messages.js';

const MAX_IN = 30;
const MAX_NOT_IN = 10;

/** Throws INVALID_ARGUMENT, with the texts of Google's emulators, for a query that contradicts itself. */
export function checkQuery(query: Query): void {
  if (query.offset < 0) throw invalidArgument('Offset must be non-negative.');
  if (query.limit && query.limit.value < 0) throw invalidArgument('Limit must be non-negative.');
  if (query.kind.length > 1) throw invalidArgument('multiple kinds not supported');
  if (query.kind[0]?.name === '') throw invalidArgument('The kind is the empty string.');
  const filters = propertyFilters(query.filter);
  if (query.kind.length === 0) checkKindless(query, filters);
  checkOrders(query);
  checkProjection(query, filters);
  checkExclusions(filters, hasOr(query.filter));
  filters.forEach(checkListLength);
}

export function nameOf(property: { name: string } | null): string {
  if (!property?.name) throw invalidArgument('The property.name is the empty string.');
  return property.name;
}

function checkKindless({ order, projection, distinctOn }: Query, filters: PropertyFilter[]): void {
  const filtered = filters.map(({ property }) => nameOf(property));
  const projected = projection.map(({ property }) => nameOf(property));
  const named = [...filtered, ...projected, ...distinctOn.map(nameOf)];
  const other = named.find((name) => name !== KEY_PROPERTY);
  if (other) throw invalidArgument(`kind is required for filter: ${other}`);
  const isByKey = ({ property, direction }: Query['order'][number]) =>
    nameOf(property) === KEY_PROPERTY && direction !== 'DESCENDING';
  if (!order.every(isByKey)) {
    throw invalidArgument(`kind is required for all orders except ${KEY_PROPERTY} ascending`);
  }
}

function checkOrders({ order, distinctOn }: Query): void {
  const names = order.map(({ property }) => nameOf(property));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw invalidArgument(`order by clause cannot contain duplicate fields ${twice}`);
  const distinct = new Set(distinctOn.map(nameOf));
  const firstOther = names.findIndex((name) => !distinct.has(name));
  if (distinct.size > 0 && firstOther !== -1 && firstOther < distinct.size) {
    throw invalidArgument(
      'All group by properties must be ordered before any non group by properties.',
    );
  }
}

function checkProjection({ projection }: Query, filters: PropertyFilter[]): void {
  const projected = new Set(projection.map(({ property }) => nameOf(property)));
  projected.delete(KEY_PROPERTY);
  const isFixed = filters.some(
    ({ property, op }) => (op === 'EQUAL' || op === 'IN') && projected.has(nameOf(property)),
  );
  if (isFixed) {
    throw invalidArgument('Cannot use projection on a property with an equality filter.');
  }
}

function checkExclusions(filters: PropertyFilter[], isDisjunctive: boolean): void {
  const count = (op: string) => filters.filter((filter) => filter.op === op).length;
  if (count('NOT_EQUAL') + count('NOT_IN') > 1) {
    throw invalidArgument("Only a single 'NOT_EQUAL' or 'NOT_IN' is allowed per query.");
  }
  if (count('NOT_IN') > 0 && (isDisjunctive || count('IN') > 0)) {
    throw invalidArgument("'NOT_IN' cannot be used in the same query with 'IN' or 'OR'.");
  }
}

function checkListLength({ op, value }: PropertyFilter): void {
  if (op !== 'IN' && op !== 'NOT_IN') return;
  if (value?.valueType !== 'arrayValue') throw invalidArgument(`${op} requires an ArrayValue.`);
  const { length } = value.arrayValue.values;
  if (length === 0) throw invalidArgument(`${op} requires an non-empty ArrayValue.`);
  const max = op === 'IN' ? MAX_IN : MAX_NOT_IN;
  if (length > max) throw invalidArgument(`${op} supports up to ${max} values.`);
}

function propertyFilters(filter: Filter | null): PropertyFilter[] {
  if (filter?.filterType === 'propertyFilter') return [filter.propertyFilter];
  if (filter?.filterType !== 'compositeFilter') return [];
  return filter.compositeFilter.filters.flatMap(propertyFilters);
}

function hasOr(filter: Filter | null): boolean {
  if (filter?.filterType !== 'compositeFilter') return false;
  const { op, filters } = filter.compositeFilter;
  return op === 'OR' || filters.some(hasOr);
}
