import { partitionOf } from '../keys/partition.js';
import { invalidArgument, unimplemented } from '../refusals.js';
import { KEY_PROPERTY } from '../storage/index-scope.js';
import type { DatabaseRequest, PartitionId, Query, ResultType } from '../wire/messages.js';
import { type Conjunction, isInequality } from './conjunction.js';
import { type Position, toPosition } from './cursor.js';
import { alternatives } from './filters.js';

export interface Order {
  readonly property: string;
  readonly descending: boolean;
}

/** A query, checked and with everything said that it leaves open. */
export interface QueryPlan {
  readonly partition: PartitionId;
  /** Absent: entities of all kinds. */
  readonly kind?: string;
  readonly branches: readonly Conjunction[];
  /** Explicit and implied orders; ties are broken by key. */
  readonly orders: readonly Order[];
  readonly keyDescending: boolean;
  readonly resultType: ResultType;
  readonly projection: readonly string[];
  readonly distinctOn: readonly string[];
  /** Results begin after it. */
  readonly start?: Position;
  /** Results end with it. */
  readonly end?: Position;
  readonly offset: number;
  readonly limit?: number;
}

/** Throws INVALID_ARGUMENT for a query that the service refuses. */
export function planQuery(
  query: Query,
  given: PartitionId | null,
  request: DatabaseRequest,
): QueryPlan {
  if (query.findNearest) throw unimplemented('nearest neighbors searches');
  const kind = kindOf(query);
  const branches = alternatives(query.filter, request);
  const projected = query.projection.map(({ property }) => nameOf(property));
  const projection = projected.filter((name) => name !== KEY_PROPERTY);
  const distinctOn = query.distinctOn.map(nameOf);
  const orders = allOrders(query, branches, [...distinctOn, ...projection]);
  const { start, end } = cursorsOf(query, orders);
  if (query.offset < 0) throw invalidArgument('The offset is negative.');
  if (query.limit && query.limit.value < 0) throw invalidArgument('The limit is negative.');
  return {
    partition: partitionOf(given, request),
    ...(kind !== undefined && { kind }),
    branches,
    orders,
    keyDescending: orders.at(-1)?.descending ?? false,
    resultType: resultTypeOf(projected, projection),
    projection,
    distinctOn,
    ...(start && { start }),
    ...(end && { end }),
    offset: query.offset,
    ...(query.limit && { limit: query.limit.value }),
  };
}

function resultTypeOf(projected: readonly string[], properties: readonly string[]): ResultType {
  if (projected.length === 0) return 'FULL';
  return properties.length === 0 ? 'KEY_ONLY' : 'PROJECTION';
}

function kindOf({ kind, filter, order }: Query): string | undefined {
  if (kind.length > 1) throw invalidArgument('The query has more than one kind.');
  const name = kind[0]?.name;
  if (name === '') throw invalidArgument('The kind is the empty string.');
  if (name === undefined)
    refuseWithoutKind(
      order.map(({ property }) => nameOf(property)),
      filter,
    );
  return name;
}

function refuseWithoutKind(orders: readonly string[], filter: Query['filter']): void {
  const properties = [...orders, ...(filter ? propertiesOf(filter) : [])];
  const other = properties.find((name) => name !== KEY_PROPERTY);
  if (other) throw invalidArgument(`A query on "${other}" requires a kind.`);
}

function propertiesOf(filter: NonNullable<Query['filter']>): string[] {
  if (filter.filterType === 'propertyFilter') return [nameOf(filter.propertyFilter.property)];
  return filter.filterType === undefined
    ? []
    : filter.compositeFilter.filters.flatMap(propertiesOf);
}

/** The explicit orders, then properties compared by inequality, then what makes rows of one entity distinct. */
function allOrders(
  query: Query,
  branches: readonly Conjunction[],
  expanding: readonly string[],
): Order[] {
  const explicit = query.order.map(({ property, direction }) => ({
    property: nameOf(property),
    descending: direction === 'DESCENDING',
  }));
  const unequal = branches.flatMap(({ constraints }) =>
    [...constraints].filter(([, one]) => isInequality(one)).map(([name]) => name),
  );
  const orders = new Map(explicit.map((order) => [order.property, order]));
  const implied = { descending: explicit.at(-1)?.descending ?? false };
  for (const property of [...unequal.toSorted(), ...expanding]) {
    if (!orders.has(property)) orders.set(property, { property, ...implied });
  }
  return [...orders.values()];
}

function cursorsOf(query: Query, orders: readonly Order[]) {
  const { startCursor, endCursor } = query;
  return {
    start: startCursor.length > 0 ? toPosition(startCursor, orders.length) : undefined,
    end: endCursor.length > 0 ? toPosition(endCursor, orders.length) : undefined,
  };
}

function nameOf(property: { name: string } | null): string {
  if (!property?.name) throw invalidArgument('The property.name is the empty string.');
  return property.name;
}
