import type { Entropy as EntropySource } from '../../../lib/system/entropy.js';
import { Random } from '../decisions/random.js';

/** Ids and jitter of one process, the same for the same seed. Ids tell their order in their last digits. */
export class Entropy implements EntropySource {
  private readonly random: Random;
  private made = 0;

  constructor(
    private readonly seed: number,
    private readonly onDrawn: (what: string) => void,
  ) {
    this.random = new Random(seed, 1);
  }

  id(): string {
    const process = (this.seed >>> 0).toString(16).padStart(8, '0');
    const number = (++this.made).toString(16).padStart(22, '0');
    this.onDrawn(number);
    return `${process}${number}${(this.seed & 0xff).toString(16).padStart(2, '0')}`;
  }

  fraction(): number {
    const fraction = this.random.fraction();
    this.onDrawn(String(fraction));
    return fraction;
  }
}
