import { SeenBefore, type Oracle, type Question } from './oracle.js';

/** One question on the present path through the tree of decisions. */
interface Branch {
  readonly question: Question;
  readonly options: number;
  choice: number;
}

/**
 * Goes through all decisions depth first: every order, and every combination of up to so many faults. One run follows
 * one path; `next` moves on to the path after it. A path that comes to a state that another has been in ends there.
 */
export class EnumeratingOracle implements Oracle {
  private readonly path: Branch[] = [];
  private readonly seen = new Set<string>();
  private depth = 0;
  private faults = 0;

  constructor(private readonly mostFaults: number) {}

  /** How many states were found, the order of what does not depend on each other left out. */
  get states(): number {
    return this.seen.size;
  }

  choose(question: Question, options: readonly string[]): number {
    if (!this.isOpen(question, options.length)) return 0;
    const branch = (this.path[this.depth] ??= { question, options: options.length, choice: 0 });
    this.depth++;
    if (branch.choice > 0 && question === 'fault') this.faults++;
    return branch.choice;
  }

  arrive(state: () => string): void {
    if (this.depth < this.path.length) return;
    const arrived = state();
    if (this.seen.has(arrived)) throw new SeenBefore();
    this.seen.add(arrived);
  }

  /** Moves on to the next path; false: that was the last. */
  next(): boolean {
    this.depth = 0;
    this.faults = 0;
    for (let branch = this.path.at(-1); branch; branch = this.path.at(-1)) {
      branch.choice++;
      if (branch.choice < branch.options) return true;
      this.path.pop();
    }
    return false;
  }

  /** What is wanted is fixed; when there were faults enough, there are no more. */
  private isOpen(question: Question, options: number): boolean {
    if (options < 2 || question === 'work') return false;
    return question === 'order' || this.faults < this.mostFaults;
  }
}
