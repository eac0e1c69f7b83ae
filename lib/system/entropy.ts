import { randomBytes } from 'node:crypto';

/** Where ids and jitter come from. Replaced by a seeded source in simulations. */
export interface Entropy {
  /** A new id of 128 random bits, 32 hexadecimal digits. */
  id(): string;
  /** A number from 0 up to but not including 1. */
  fraction(): number;
}

/** Ids from the operating system's random source. */
export const systemEntropy: Entropy = {
  id: () => randomBytes(16).toString('hex'),
  fraction: () => Math.random(),
};
