const VARINT = 0;
const FIXED_64 = 1;
const DELIMITED = 2;

/**
 * Writes the bytes of a message, https://protobuf.dev/programming-guides/encoding, from its end to its beginning: what is
 * inside is there before its length is asked for. So the last field comes first, and the last of many.
 */
export class MessageWriter {
  #bytes = Buffer.allocUnsafe(1_024);
  #at = this.#bytes.length;

  /** All that was written. Nothing can be added. */
  finish(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#delimited(field, bytes.length);
  }

  string(field: number, text: string): void {
    const length = Buffer.byteLength(text);
    this.#reserve(length);
    this.#bytes.write(text, this.#at);
    this.#delimited(field, length);
  }

  double(field: number, value: number): void {
    this.#reserve(8);
    this.#bytes.writeDoubleLE(value, this.#at);
    this.#tag(field, FIXED_64);
  }

  /** A whole number from 0 on that a number holds exactly. */
  uint(field: number, value: number): void {
    this.#varint(value);
    this.#tag(field, VARINT);
  }

  bool(field: number, value: boolean): void {
    this.uint(field, value ? 1 : 0);
  }

  /** A signed integer of 64 bits in decimal digits. */
  int64(field: number, digits: string): void {
    const value = Number(digits);
    if (value >= 0 && Number.isSafeInteger(value)) this.#varint(value);
    else this.#bigVarint(BigInt.asUintN(64, BigInt(digits)));
    this.#tag(field, VARINT);
  }

  /** A message inside, whose fields `write` writes. */
  message(field: number, write: () => void): void {
    const before = this.#length;
    write();
    this.#delimited(field, this.#length - before);
  }

  get #length(): number {
    return this.#bytes.length - this.#at;
  }

  #delimited(field: number, length: number): void {
    this.#varint(length);
    this.#tag(field, DELIMITED);
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  #varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
    this.#reserve(size);
    let rest = value;
    for (let at = this.#at; at < this.#at + size - 1; at++) {
      this.#bytes[at] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at + size - 1] = rest;
  }

  #bigVarint(value: bigint): void {
    const groups: number[] = [];
    for (let rest = value; rest > 0n; rest >>= 7n) groups.push(Number(rest & 0x7fn) + 0x80);
    this.#reserve(groups.length);
    this.#bytes.set(groups, this.#at);
    const last = this.#at + groups.length - 1;
    this.#bytes.writeUInt8(this.#bytes.readUInt8(last) - 0x80, last);
  }

  /** Makes room for as many bytes in front. */
  #reserve(size: number): void {
    if (size > this.#at) {
      const larger = Buffer.allocUnsafe(2 * this.#bytes.length + size);
      const at = larger.length - this.#length;
      this.#bytes.copy(larger, at, this.#at);
      this.#bytes = larger;
      this.#at = at;
    }
    this.#at -= size;
  }
}
