import { SeenBefore, type Oracle, type Question } from './oracle.js';

/** One question on the present path through the tree of decisions. */
interface Branch {
  readonly question: Question;
  readonly options: number;
  choice: number;
}

/** What is enumerated: every combination of up to so many faults, and of so many deviations from first come, first served. */
export interface Bounds {
  readonly faults: number;
  /** Infinity: every order. */
  readonly reorderings: number;
}

/**
 * Goes through all decisions depth first. One run follows one path; `next` moves on to the path after it. A path that
 * comes to a state that another has been in ends there.
 */
export class EnumeratingOracle implements Oracle {
  private readonly path: Branch[] = [];
  private readonly seen = new Set<string>();
  private depth = 0;
  private spent = { faults: 0, reorderings: 0 };

  constructor(private readonly bounds: Bounds) {}

  /** How many states were found. */
  get states(): number {
    return this.seen.size;
  }

  choose(question: Question, options: readonly string[]): number {
    if (!this.isOpen(question, options.length)) return 0;
    const branch = (this.path[this.depth] ??= { question, options: options.length, choice: 0 });
    this.depth++;
    if (branch.choice > 0 && question === 'fault') this.spent.faults++;
    if (branch.choice > 0 && question === 'order') this.spent.reorderings++;
    return branch.choice;
  }

  arrive(state: () => string): void {
    // What came first is no part of a state; where it counts, none is like another.
    if (this.bounds.reorderings < Infinity || this.depth < this.path.length) return;
    const arrived = state();
    if (this.seen.has(arrived)) throw new SeenBefore();
    this.seen.add(arrived);
  }

  /** Moves on to the next path; false: that was the last. */
  next(): boolean {
    this.depth = 0;
    this.spent = { faults: 0, reorderings: 0 };
    for (let branch = this.path.at(-1); branch; branch = this.path.at(-1)) {
      branch.choice++;
      if (branch.choice < branch.options) return true;
      this.path.pop();
    }
    return false;
  }

  /** What is wanted is fixed; a question whose bound is used up has but one answer. */
  private isOpen(question: Question, options: number): boolean {
    if (options < 2) return false;
    switch (question) {
      case 'fault':
        return this.spent.faults < this.bounds.faults;
      case 'order':
        return this.spent.reorderings < this.bounds.reorderings;
      case 'work':
        return false;
    }
  }
}
