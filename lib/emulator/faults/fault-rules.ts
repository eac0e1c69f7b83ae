import type { FaultLimits } from './fault.js';

interface ActiveRule<F> {
  readonly fault: F;
  left: number;
}

/** Rules in the order in which they were added, each with its remaining times. */
export class FaultRules<F extends FaultLimits> {
  private rules: ActiveRule<F>[] = [];

  constructor(private readonly random: () => number) {}

  get all(): F[] {
    return this.rules.map(({ fault }) => fault);
  }

  /** Adds a rule; the returned function takes it out again. */
  add(fault: F): () => void {
    const rule = { fault, left: fault.times ?? Infinity };
    this.rules.push(rule);
    return () => {
      this.rules = this.rules.filter((other) => other !== rule);
    };
  }

  clear(): void {
    this.rules = [];
  }

  /** The faults that strike this time, of those that `match` admits. */
  strike<M extends F>(match: (fault: F) => fault is M): M[] {
    const struck: M[] = [];
    for (const rule of this.rules) {
      const { fault } = rule;
      if (!match(fault) || this.random() >= (fault.probability ?? 1)) continue;
      rule.left -= 1;
      struck.push(fault);
    }
    this.rules = this.rules.filter(({ left }) => left > 0);
    return struck;
  }
}
