import type { SQLOutputValue } from 'node:sqlite';

/** A column that holds bytes, as a Buffer over the same memory. */
export function bytesOf(column: SQLOutputValue | undefined): Buffer {
  if (!(column instanceof Uint8Array)) throw new TypeError(`Expected bytes, got ${typeof column}`);
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
}

/** A column that holds a whole number. */
export function numberOf(column: SQLOutputValue | undefined): number {
  if (typeof column !== 'number') throw new TypeError(`Expected a number, got ${typeof column}`);
  return column;
}
