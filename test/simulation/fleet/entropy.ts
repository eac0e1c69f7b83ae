import type { Entropy as EntropySource } from '../../../lib/system/entropy.js';
import { hash } from 'node:crypto';
import { Random } from '../decisions/random.js';

import type { Scheduler } from '../world/scheduler.js';

/** Ids and jitter of one process, the same for the same seed. Ids tell their order in their last digits. */
export class SeededEntropy implements EntropySource {
  private readonly random: Random;
  private made = 0;

  constructor(private readonly seed: number) {
    this.random = new Random(seed, 1);
  }

  id(): string {
    const process = (this.seed >>> 0).toString(16).padStart(8, '0');
    const number = (++this.made).toString(16).padStart(22, '0');
    return `${process}${number}${(this.seed & 0xff).toString(16).padStart(2, '0')}`;
  }

  fraction(): number {
    return this.random.fraction();
  }
}

/** Ids that say how they came about and not how many came before; and always the same jitter. */
export class DerivedEntropy implements EntropySource {
  constructor(private readonly scheduler: Scheduler) {}

  id(): string {
    return hash('md5', this.scheduler.stamp());
  }

  fraction(): number {
    return 0.5;
  }
}
