/** Names of readings are hexadecimal digests, so that equal ranges hold about equally many. */
const digits = 4;
const all = 16 ** digits;

/** A range of names: the first included, the last not. */
export interface Range {
  readonly from: string;
  readonly to: string;
}

/** All names, in so many ranges. */
export function split(shards: number): Range[] {
  const border = (index: number) =>
    index === shards
      ? 'g'
      : Math.floor((all * index) / shards)
          .toString(16)
          .padStart(digits, '0');
  return Array.from({ length: shards }, (_, index) => ({
    from: border(index),
    to: border(index + 1),
  }));
}
