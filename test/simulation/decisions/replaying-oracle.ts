import type { Coming, Oracle, Question } from './oracle.js';
import type { Decision } from './recorded-oracle.js';

/** Decides as written down; everything else is harmless. */
export class ReplayingOracle implements Oracle {
  private readonly choices: ReadonlyMap<number, number>;
  private asked = 0;

  constructor(decisions: readonly Decision[]) {
    this.choices = new Map(decisions.map(({ at, choice }) => [at, choice]));
  }

  choose(_question: Question, options: readonly string[]): number {
    return this.choiceOf(options.length);
  }

  order(events: readonly Coming[]): number {
    return this.choiceOf(events.length);
  }

  private choiceOf(options: number): number {
    const choice = this.choices.get(this.asked++) ?? 0;
    return choice < options ? choice : 0;
  }
}
