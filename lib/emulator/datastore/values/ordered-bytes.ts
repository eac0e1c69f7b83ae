/**
 * Encodings whose bytes compare (memcmp, SQLite's BLOB order) as the values do. Each is self-delimiting, so that
 * concatenations compare part by part.
 */

const END = Buffer.of(0x00);
const SIGN = 0x80;

/** Bytes up to an end mark of 00; a 00 inside becomes 00 FF. What follows the mark must not begin with FF. */
export function orderedBytes(bytes: Buffer): Buffer {
  if (!bytes.includes(0)) return Buffer.concat([bytes, END]);
  const escaped: number[] = [];
  for (const byte of bytes) {
    escaped.push(byte);
    if (byte === 0) escaped.push(0xff);
  }
  return Buffer.from([...escaped, 0]);
}

/** By UTF-8 bytes, which is by code point. */
export function orderedString(text: string): Buffer {
  return orderedBytes(Buffer.from(text, 'utf8'));
}

/** A signed 64-bit integer: the sign bit turned over. */
export function orderedInteger(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value));
  bytes[0] = firstOf(bytes) ^ SIGN;
  return bytes;
}

/** −∞ … −0 < 0 … ∞ < NaN: negative numbers with all bits turned over, others with the sign bit only. */
export function orderedDouble(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(Number.isNaN(value) ? NaN : value);
  const first = firstOf(bytes);
  if (first < SIGN) bytes[0] = first | SIGN;
  else for (const [at, byte] of bytes.entries()) bytes[at] = ~byte;
  return bytes;
}

function firstOf(bytes: Buffer): number {
  return bytes.readUInt8(0);
}

/** Greater than everything that begins with `prefix`, where no continuation begins with FF. */
export function afterPrefix(prefix: Buffer): Buffer {
  return Buffer.concat([prefix, Buffer.of(0xff)]);
}

/** The first `count` strings of a concatenation of `orderedString`s. */
export function readOrderedStrings(bytes: Buffer, count: number): string[] {
  const strings: string[] = [];
  let at = 0;
  while (strings.length < count && at < bytes.length) {
    const content: number[] = [];
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === 0 && bytes[at + 1] !== 0xff) break;
      content.push(byte);
      if (byte === 0) at += 1;
    }
    strings.push(Buffer.from(content).toString('utf8'));
    at += 1;
  }
  return strings;
}
