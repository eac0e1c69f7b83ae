import { afterPrefix } from '../values/ordered-bytes.js';

/** All byte strings from `from` on and below `to`. */
export interface ByteRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** Above everything that this engine encodes. */
const TOP = Buffer.of(0xff);

export const everything: ByteRange = { from: NOTHING, to: TOP };

/** Whatever begins with `prefix`. */
export function startingWith(prefix: Buffer): ByteRange {
  return { from: prefix, to: afterPrefix(prefix) };
}

export function intersection(a: ByteRange, b: ByteRange): ByteRange {
  return { from: max(a.from, b.from), to: min(a.to, b.to) };
}

export function contains({ from, to }: ByteRange, bytes: Buffer): boolean {
  return Buffer.compare(from, bytes) <= 0 && Buffer.compare(bytes, to) < 0;
}

function max(a: Buffer, b: Buffer): Buffer {
  return Buffer.compare(a, b) < 0 ? b : a;
}

function min(a: Buffer, b: Buffer): Buffer {
  return Buffer.compare(a, b) < 0 ? a : b;
}
