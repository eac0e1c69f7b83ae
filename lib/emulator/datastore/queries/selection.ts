import type { View } from '../storage/view.js';
import type { MoreResults } from '../wire/responses.js';
import { distinct } from './distinct.js';
import type { Evaluation } from './evaluation.js';
import { matches } from './matches.js';
import type { QueryPlan } from './query-plan.js';
import { type Row, rowOrder } from './row.js';

export interface Selected {
  readonly row: Row;
  /** It is among those that the offset leaves out. */
  readonly isSkipped: boolean;
}

/** The rows of a query up to its end cursor and its limit; returns what is beyond them. */
export function* selection(
  plan: QueryPlan,
  evaluation: Evaluation,
  view: View,
): Generator<Selected, MoreResults> {
  const order = rowOrder(plan);
  let count = 0;
  for (const row of distinct(matches(plan, evaluation, view), plan)) {
    if (plan.end && order(row, plan.end) > 0) return 'MORE_RESULTS_AFTER_CURSOR';
    count += 1;
    if (count > plan.offset + (plan.limit ?? Infinity)) return 'MORE_RESULTS_AFTER_LIMIT';
    yield { row, isSkipped: count <= plan.offset };
  }
  return 'NO_MORE_RESULTS';
}
