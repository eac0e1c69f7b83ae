import { createHash } from 'node:crypto';

/** From the first, up to but not including the second. */
export type Range = readonly [from: number, to: number];

/** A number from 0 up to but not including 1: always the same for the same seed and subject, in every process. */
export function chance(seed: number, ...subject: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...subject]))
    .digest();
  return digest.readUInt32BE() / 2 ** 32;
}

/** A number of a range, by chance. */
export function within([from, to]: Range, fraction: number): number {
  return from + fraction * (to - from);
}
