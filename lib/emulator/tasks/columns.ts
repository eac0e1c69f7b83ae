import type { SQLOutputValue } from 'node:sqlite';

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** Reads columns of a row by type; anything else in them is a damaged file. */
export const column = {
  text(row: Row, name: string): string {
    const value = row[name];
    if (typeof value !== 'string') throw new TypeError(`Column ${name} holds no text.`);
    return value;
  },

  number(row: Row, name: string): number {
    const value = row[name];
    if (typeof value !== 'number') throw new TypeError(`Column ${name} holds no number.`);
    return value;
  },

  optionalNumber(row: Row, name: string): number | undefined {
    return row[name] === null ? undefined : column.number(row, name);
  },

  bytes(row: Row, name: string): Buffer {
    const value = row[name];
    if (!(value instanceof Uint8Array)) throw new TypeError(`Column ${name} holds no bytes.`);
    return Buffer.from(value);
  },
};
