import type { MoreResults } from '../wire/responses.js';
import { beginning, type Position } from './cursor.js';
import type { Row } from './row.js';
import type { Selected } from './selection.js';

/** What one answer holds at most. The real service decides by itself when to stop; clients ask on. */
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

/** As much of a selection that begins after `start` as fits into one answer. */
export function nextBatch(
  selected: Generator<Selected, MoreResults>,
  start: Position = beginning,
): Batch {
  const rows: Row[] = [];
  let skipped = 0;
  let skippedEnd: Position | undefined;
  let bytes = 0;
  let next = selected.next();
  for (; !next.done; next = selected.next()) {
    const { row, isSkipped } = next.value;
    if (isSkipped) {
      skipped += 1;
      skippedEnd = row;
      continue;
    }
    if (rows.length === MAX_ROWS || bytes > MAX_BYTES) break;
    rows.push(row);
    bytes += row.entity.bytes.length;
  }
  const more = next.done ? next.value : 'NOT_FINISHED';
  if (!next.done) selected.return('NOT_FINISHED');
  const end = rows.at(-1) ?? skippedEnd ?? start;
  return { rows, skipped, ...(skippedEnd && { skippedEnd }), end, more };
}
