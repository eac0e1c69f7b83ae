import { isNotANumber, type Num, numberIn, numberValue, totalOf } from '../properties/numbers.js';
import { invalidArgument } from '../refusals.js';
import type { StoredEntity } from '../storage/stored-entity.js';
import type { View } from '../storage/view.js';
import type { QueryTarget } from '../transactions/read-target.js';
import { checkPropertyName } from '../writes/entity-limits.js';
import { toTimestamp } from '../time.js';
import type {
  Aggregation,
  Properties,
  RunAggregationQueryResponse,
  Value,
} from '../wire/messages.js';
import type { Wire } from '../wire/wire.js';
import { Evaluation } from './evaluation.js';
import { indexedElements } from './property-values.js';
import type { QueryPlan } from './query-plan.js';
import { nameOf } from './query-rules.js';
import { selection } from './selection.js';

/** AggregationQuery in query.proto. */
const MAX_AGGREGATIONS = 5;

interface Named {
  readonly alias: string;
  readonly aggregation: Aggregation;
  /** What is summed; absent for a count. */
  readonly property?: string;
}

/** The aggregations with their names. Throws INVALID_ARGUMENT for none, too many, two of one name. */
export function namedAggregations(aggregations: readonly Aggregation[]): Named[] {
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

/** Counts, sums and averages over the results of a query that have all the summed properties. */
export class PlannedAggregation implements QueryTarget {
  readonly #evaluation: Evaluation;

  constructor(
    private readonly plan: QueryPlan,
    private readonly aggregations: readonly Named[],
    private readonly wire: Wire,
  ) {
    this.#evaluation = new Evaluation(plan, wire);
  }

  /** `transaction` is the id of one that begins with this query; otherwise empty. */
  response(view: View, transaction: Buffer): RunAggregationQueryResponse {
    const batch = {
      aggregationResults: [{ aggregateProperties: this.#results(view) }],
      moreResults: 'NO_MORE_RESULTS' as const,
      readTime: toTimestamp(view.readTime),
    };
    return { batch, query: null, transaction, explainMetrics: null };
  }

  #results(view: View): Properties {
    const numbers = new Map<string, Num[]>();
    for (const { property } of this.aggregations) if (property) numbers.set(property, []);
    let count = 0;
    for (const { row, isSkipped } of selection(this.plan, this.#evaluation, view)) {
      if (isSkipped) continue;
      count += 1;
      if (numbers.size > 0) this.#collect(row.entity, numbers);
    }
    const entries = this.aggregations.map(({ alias, aggregation, property = '' }) => {
      return [alias, result(aggregation, count, numbers.get(property) ?? [])] as const;
    });
    return Object.fromEntries(entries);
  }

  matches(entity: StoredEntity): boolean {
    return this.#evaluation.rows(entity).length > 0;
  }

  fingerprint(view: View): string {
    return JSON.stringify(this.#results(view));
  }

  #collect(entity: StoredEntity, numbers: ReadonlyMap<string, Num[]>): void {
    const { properties } = this.wire.decodeEntity(entity.bytes);
    for (const [name, found] of numbers) {
      for (const value of indexedElements(properties, name)) {
        const number = numberIn(value);
        if (number !== undefined) found.push(number);
      }
    }
  }
}

function result(aggregation: Aggregation, count: number, numbers: readonly Num[]): Value {
  switch (aggregation.operator) {
    case 'sum':
      return numberValue(totalOf(numbers));
    case 'avg':
      return average(numbers);
    case 'count':
    case undefined:
    default: {
      const upTo = aggregation.operator === 'count' ? aggregation.count.upTo?.value : undefined;
      return numberValue(BigInt(Math.min(count, Number(upTo ?? Infinity))));
    }
  }
}

function average(numbers: readonly Num[]): Value {
  if (numbers.length === 0) {
    return {
      valueType: 'nullValue',
      nullValue: 'NULL_VALUE',
      meaning: 0,
      excludeFromIndexes: false,
    };
  }
  if (numbers.some(isNotANumber)) return numberValue(NaN);
  return numberValue(Number(totalOf(numbers)) / numbers.length);
}
