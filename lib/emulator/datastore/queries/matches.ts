import { nameOfKey } from '../keys/key-bytes.js';
import type { View } from '../storage/view.js';
import type { Evaluation } from './evaluation.js';
import type { QueryPlan } from './query-plan.js';
import { type Row, rowOrder } from './row.js';
import { planScan, resumed, run, type Scan } from './scan.js';

/** All rows of a query from its start cursor on, in order, as far as they are asked for. */
export function* matches(plan: QueryPlan, evaluation: Evaluation, view: View): Generator<Row> {
  const { start } = plan;
  const order = rowOrder(plan);
  for (const row of inOrder(plan, evaluation, view)) {
    if (!start || start.key.length === 0 || order(row, start) > 0) yield row;
  }
}

function inOrder(plan: QueryPlan, evaluation: Evaluation, view: View): Iterable<Row> {
  const order = rowOrder(plan);
  const synthetic = evaluation.metadata(view);
  if (synthetic) return synthetic.toSorted(order);
  const past = pastRows(evaluation, view).toSorted(order);
  const scans = plan.branches.map((branch) => planScan(plan, branch));
  const [only, ...others] = scans;
  if (only?.ordered && others.length === 0) {
    const scan = plan.start && plan.start.key.length > 0 ? resumed(only, plan.start) : only;
    return merged(past, scanned(scan, evaluation, view), order);
  }
  const rows = scans.flatMap((scan) => [...scanned({ ...scan, exact: false }, evaluation, view)]);
  return withoutRepeats([...past, ...rows].toSorted(order), plan);
}

/** The rows of entities that have changed since the view's moment. */
function pastRows(evaluation: Evaluation, view: View): Row[] {
  const then = [...view.differences.values()];
  return then.flatMap((entity) => (entity ? evaluation.rows(entity) : []));
}

/** The rows that one scan finds, each entity once. */
function* scanned(scan: Scan, evaluation: Evaluation, view: View): Generator<Row> {
  const seen = new Set<string>();
  for (const { value, entity } of run(scan, view.store)) {
    const name = nameOfKey(entity.key);
    if (seen.has(name) || view.differences.has(name)) continue;
    if (scan.exact) {
      seen.add(name);
      yield { values: scan.value ? [] : [value], key: entity.key, entity };
      continue;
    }
    const rows = evaluation.rows(entity);
    if (scan.ordered && !scan.value && !rows[0]?.values[0]?.equals(value)) continue;
    seen.add(name);
    yield* rows;
  }
}

function* merged(
  left: Iterable<Row>,
  right: Iterable<Row>,
  order: (a: Row, b: Row) => number,
): Generator<Row> {
  const waiting = [...left];
  for (const row of right) {
    while (waiting[0] && order(waiting[0], row) < 0) yield* waiting.splice(0, 1);
    yield row;
  }
  yield* waiting;
}

/** An entity may match several alternatives of a filter: its first row counts. */
function* withoutRepeats(
  rows: Iterable<Row>,
  { projection, distinctOn }: QueryPlan,
): Generator<Row> {
  const isExpanding = projection.length + distinctOn.length > 0;
  const seen = new Set<string>();
  for (const row of rows) {
    const name = [row.key, ...(isExpanding ? row.values : [])].map((part) => part.toString('hex'));
    if (seen.has(name.join())) continue;
    seen.add(name.join());
    yield row;
  }
}
