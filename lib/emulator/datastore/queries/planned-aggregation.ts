import { isNotANumber, type Num, numberIn, numberValue, totalOf } from '../properties/numbers.js';
import type { StoredEntity } from '../storage/stored-entity.js';
import type { View } from '../storage/view.js';
import type { RunnableQuery } from './runnable-query.js';
import { toTimestamp } from '../time.js';
import type { Properties, Value } from '../wire/entity-messages.js';
import type { Aggregation } from '../wire/query-messages.js';
import type { RunAggregationQueryResponse } from '../wire/responses.js';
import type { Wire } from '../wire/wire.js';
import { Evaluation } from './evaluation.js';
import type { NamedAggregation } from './named-aggregations.js';
import { indexedElements } from './property-values.js';
import type { QueryPlan } from './query-plan.js';
import { selection } from './selection.js';

/** Counts, sums and averages over the results of a query that have all the summed properties. */
export class PlannedAggregation implements RunnableQuery<RunAggregationQueryResponse> {
  readonly #evaluation: Evaluation;

  constructor(
    private readonly plan: QueryPlan,
    private readonly aggregations: readonly NamedAggregation[],
    private readonly wire: Wire,
  ) {
    this.#evaluation = new Evaluation(plan, wire);
  }

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
