import { randomFillSync } from 'node:crypto';

/** Where ids and jitter come from. Replaced by a seeded source in simulations. */
export interface Entropy {
  /** A new id of 128 random bits, 32 hexadecimal digits. */
  id(): string;
  /** A number from 0 up to but not including 1. */
  fraction(): number;
}

const idBytes = 16;

/** Ids from the operating system's random source, which is asked for those of many at a time. */
class SystemEntropy implements Entropy {
  private readonly bytes = Buffer.alloc(64 * idBytes);
  private next = this.bytes.length;

  id(): string {
    if (this.next === this.bytes.length) {
      randomFillSync(this.bytes);
      this.next = 0;
    }
    const id = this.bytes.toString('hex', this.next, this.next + idBytes);
    this.next += idBytes;
    return id;
  }

  fraction(): number {
    return Math.random();
  }
}

/** The system's own. */
export const systemEntropy: Entropy = new SystemEntropy();
