import type { View } from '../storage/view.js';
import type { MoreResults } from '../wire/messages.js';
import { beginning, type Position } from './cursor.js';
import { distinct } from './distinct.js';
import type { Evaluation } from './evaluation.js';
import { matches } from './matches.js';
import type { QueryPlan } from './query-plan.js';
import { type Row, rowOrder } from './row.js';

/** As many results as the real service was seen to put into one answer. */
const MAX_ROWS = 300;
const MAX_BYTES = 4 * 1024 * 1024;

export interface Batch {
  readonly rows: readonly Row[];
  readonly skipped: number;
  /** Of the last row skipped. */
  readonly skippedEnd?: Position;
  readonly end: Position;
  readonly more: MoreResults;
}

/** One answer to a query: the rows from its start to its limit, its end, or the size of a batch. */
export function nextBatch(plan: QueryPlan, evaluation: Evaluation, view: View): Batch {
  const order = rowOrder(plan);
  const rows: Row[] = [];
  let skippedEnd: Position | undefined;
  let skipped = 0;
  let bytes = 0;
  const result = (more: MoreResults): Batch => {
    const end = rows.at(-1) ?? skippedEnd ?? plan.start ?? beginning;
    return { rows, skipped, ...(skippedEnd && { skippedEnd }), end, more };
  };
  for (const row of distinct(matches(plan, evaluation, view), plan)) {
    if (plan.end && order(row, plan.end) > 0) return result('MORE_RESULTS_AFTER_CURSOR');
    if (skipped < plan.offset) {
      skipped += 1;
      skippedEnd = row;
      continue;
    }
    if (rows.length === plan.limit) return result('MORE_RESULTS_AFTER_LIMIT');
    if (rows.length === MAX_ROWS || bytes > MAX_BYTES) return result('NOT_FINISHED');
    rows.push(row);
    bytes += row.entity.bytes.length;
  }
  return result(rows.length === plan.limit ? 'MORE_RESULTS_AFTER_LIMIT' : 'NO_MORE_RESULTS');
}
