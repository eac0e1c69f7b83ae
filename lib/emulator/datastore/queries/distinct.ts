import type { Position } from './cursor.js';
import type { QueryPlan } from './query-plan.js';
import type { Row } from './row.js';

/** The first row of every combination of the values that are to be distinct. */
export function* distinct(rows: Iterable<Row>, plan: QueryPlan): Generator<Row> {
  if (plan.distinctOn.length === 0) {
    yield* rows;
    return;
  }
  const positions = plan.distinctOn.map((name) =>
    plan.orders.findIndex(({ property }) => property === name),
  );
  const nameOf = ({ values }: Position) =>
    positions.map((at) => values[at]?.toString('hex')).join();
  const seen = new Set(plan.start ? [nameOf(plan.start)] : []);
  for (const row of rows) {
    if (seen.has(nameOf(row))) continue;
    seen.add(nameOf(row));
    yield row;
  }
}
