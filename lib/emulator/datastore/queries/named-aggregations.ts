import { invalidArgument } from '../refusals.js';
import type { Aggregation } from '../wire/query-messages.js';
import { checkPropertyName } from '../writes/entity-limits.js';
import { nameOf } from './query-rules.js';

/** AggregationQuery in query.proto. */
const MAX_AGGREGATIONS = 5;

/** An aggregation by the name of its result. */
export interface NamedAggregation {
  readonly alias: string;
  readonly aggregation: Aggregation;
  /** What is summed; absent for a count. */
  readonly property?: string;
}

/** The aggregations with their names. Throws INVALID_ARGUMENT for none, too many, two of one name. */
export function namedAggregations(aggregations: readonly Aggregation[]): NamedAggregation[] {
  if (aggregations.length === 0) throw invalidArgument('Aggregations can not be empty.');
  if (aggregations.length > MAX_AGGREGATIONS) {
    throw invalidArgument(`At most ${MAX_AGGREGATIONS} aggregations are allowed in a query.`);
  }
  let unnamed = 0;
  const named = aggregations.map((aggregation) => {
    const alias = aggregation.alias || `property_${++unnamed}`;
    checkPropertyName(alias);
    return { alias, aggregation, ...propertyOf(aggregation) };
  });
  const aliases = named.map(({ alias }) => alias);
  const twice = aliases.find((alias, at) => aliases.indexOf(alias) !== at);
  if (twice) throw invalidArgument(`Aggregation aliases contain duplicate alias: ${twice}.`);
  return named;
}

function propertyOf(aggregation: Aggregation): { property?: string } {
  switch (aggregation.operator) {
    case 'count':
      if (Number(aggregation.count.upTo?.value ?? 0) < 0) {
        throw invalidArgument('The up_to of a count must be non-negative.');
      }
      return {};
    case 'sum':
      return { property: nameOf(aggregation.sum.property) };
    case 'avg':
      return { property: nameOf(aggregation.avg.property) };
    case undefined:
    default:
      throw invalidArgument('An aggregation must have an operator.');
  }
}
