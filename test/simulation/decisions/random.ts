import { seededRandom } from '../../../lib/emulator/faults/seeded-random.js';

/** Numbers that look random, the same for the same seed. */
export class Random {
  private readonly source: () => number;

  /** @param stream tells apart sources of the same seed that must not disturb each other */
  constructor(seed: number, stream: number) {
    this.source = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b));
    // The first numbers of neighbouring seeds are alike.
    this.source();
    this.source();
  }

  /** From 0 up to but not including 1. */
  fraction(): number {
    return this.source();
  }

  /** A whole number from 0 up to but not including `count`. */
  below(count: number): number {
    return Math.floor(this.source() * count);
  }

  /** One of them. */
  pick<T>(options: readonly [T, ...T[]]): T {
    return options[this.below(options.length)] ?? options[0];
  }

  chance(probability: number): boolean {
    return this.source() < probability;
  }
}
