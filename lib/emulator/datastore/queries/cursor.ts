import { invalidArgument } from '../refusals.js';

/** A place among the results of a query: what the row there is sorted by. It holds no state of the engine. */
export interface Position {
  /** One value for each order of the query. */
  readonly values: readonly Buffer[];
  /** Key bytes. Empty: before all rows. */
  readonly key: Buffer;
}

/** Before all rows. */
export const beginning: Position = { values: [], key: Buffer.alloc(0) };

/** Tells our cursors from other bytes. */
const MARK = Buffer.of(0xd5, 0x01);

export function toCursor({ values, key }: Position): Buffer {
  const parts = [key, ...values].flatMap((part) => [lengthOf(part), part]);
  return Buffer.concat([MARK, ...parts]);
}

/** Throws INVALID_ARGUMENT for what is not a cursor of a query with so many orders. */
export function toPosition(cursor: Buffer, orders: number): Position {
  const parts: Buffer[] = [];
  let at = MARK.length;
  while (at + 4 <= cursor.length) {
    const end = at + 4 + cursor.readUInt32BE(at);
    if (end > cursor.length) break;
    parts.push(cursor.subarray(at + 4, end));
    at = end;
  }
  const [key, ...values] = parts;
  const isComplete = at === cursor.length && cursor.subarray(0, MARK.length).equals(MARK);
  if (!isComplete || !key || (key.length > 0 && values.length !== orders)) {
    throw invalidArgument('The cursor is not valid for this query.');
  }
  return { values, key };
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return length;
}
