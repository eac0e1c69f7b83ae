import { partitionOf } from '../keys/partition.js';
import { Mask } from '../properties/property-mask.js';
import { invalidArgument, unimplemented } from '../refusals.js';
import { KEY_PROPERTY } from '../storage/index-scope.js';
import type { PartitionId } from '../wire/entity-messages.js';
import type { PropertyMask } from '../wire/mutation-messages.js';
import type { Query } from '../wire/query-messages.js';
import type { DatabaseRequest } from '../wire/requests.js';
import type { ResultType } from '../wire/responses.js';
import { type Conjunction, isInequality } from './conjunction.js';
import { type Position, toPosition } from './cursor.js';
import { alternatives } from './filters.js';
import { checkQuery, nameOf } from './query-rules.js';

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
  readonly mask?: Mask;
  /** Results begin after it. */
  readonly start?: Position;
  /** Results end with it. */
  readonly end?: Position;
  readonly offset: number;
  readonly limit?: number;
}

export interface QueryContext {
  readonly request: DatabaseRequest;
  readonly partitionId: PartitionId | null;
  readonly propertyMask?: PropertyMask | null;
  /** Sorted by last, and so required of the entities. */
  readonly aggregated?: readonly string[];
}

/** Throws INVALID_ARGUMENT for a query that the service refuses. */
export function planQuery(query: Query, context: QueryContext): QueryPlan {
  if (query.findNearest) throw unimplemented('nearest neighbors searches');
  checkQuery(query);
  const { request, partitionId, propertyMask, aggregated = [] } = context;
  const partition = partitionOf(partitionId, request);
  const branches = alternatives(query.filter, { ...request, partition });
  const projected = query.projection.map(({ property }) => nameOf(property));
  const projection = projected.filter((name) => name !== KEY_PROPERTY);
  const distinctOn = query.distinctOn.map(nameOf);
  const orders = allOrders(query, branches, {
    distinctOn,
    further: [...projection, ...aggregated],
  });
  if (propertyMask && projected.length > 0) {
    throw invalidArgument('A property mask must not be set for a projection query.');
  }
  const kind = query.kind[0]?.name;
  return {
    partition,
    ...(kind !== undefined && { kind }),
    branches,
    orders,
    keyDescending: orders.at(-1)?.descending ?? false,
    resultType: resultTypeOf(projected, projection),
    projection,
    distinctOn,
    ...(propertyMask && { mask: new Mask(propertyMask) }),
    ...cursorsOf(query, orders),
    offset: query.offset,
    ...(query.limit && { limit: query.limit.value }),
  };
}

function resultTypeOf(projected: readonly string[], properties: readonly string[]): ResultType {
  if (projected.length === 0) return 'FULL';
  return properties.length === 0 ? 'KEY_ONLY' : 'PROJECTION';
}

/** The explicit orders, then what the query implies, in the order of Google's Firestore emulator. */
function allOrders(
  query: Query,
  branches: readonly Conjunction[],
  { distinctOn, further }: { distinctOn: readonly string[]; further: readonly string[] },
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
  const byKey = unequal.filter((name) => name === KEY_PROPERTY);
  const byValue = unequal.filter((name) => name !== KEY_PROPERTY).toSorted();
  for (const property of [...distinctOn, ...byValue, ...byKey, ...further]) {
    if (!orders.has(property)) orders.set(property, { property, ...implied });
  }
  return [...orders.values()];
}

function cursorsOf({ startCursor, endCursor }: Query, orders: readonly Order[]) {
  return {
    ...(startCursor.length > 0 && { start: toPosition(startCursor, orders.length) }),
    ...(endCursor.length > 0 && { end: toPosition(endCursor, orders.length) }),
  };
}
