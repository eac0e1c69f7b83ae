import type { Coming, Happened, Oracle, Question } from './oracle.js';

/** One decision that was not the harmless one: the how-manieth question of the run, and the option. */
export interface Decision {
  readonly at: number;
  readonly choice: number;
}

/** Writes down what another oracle decides, so that the run can be repeated and shrunk. */
export class RecordedOracle implements Oracle {
  readonly decisions: Decision[] = [];
  private asked = 0;

  constructor(private readonly oracle: Oracle) {}

  choose(question: Question, options: readonly string[]): number {
    return this.recorded(this.oracle.choose(question, options));
  }

  order(events: readonly Coming[]): number {
    return this.recorded(this.oracle.order?.(events) ?? 0);
  }

  happened(event: Happened): void {
    this.oracle.happened?.(event);
  }

  arrive(state: () => string, isMomentOver: boolean): void {
    this.oracle.arrive?.(state, isMomentOver);
  }

  private recorded(choice: number): number {
    const at = this.asked++;
    if (choice > 0) this.decisions.push({ at, choice });
    return choice;
  }
}

/** Decisions as they are given on the command line: `12:3,57:1`. */
export function formatDecisions(decisions: readonly Decision[]): string {
  return decisions.map(({ at, choice }) => `${at}:${choice}`).join(',');
}

/** Reads what `formatDecisions` wrote. */
export function parseDecisions(text: string): Decision[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [at, choice] = part.split(':').map(Number);
      if (!Number.isSafeInteger(at) || !Number.isSafeInteger(choice))
        throw new Error(`"${part}" is no decision; expected such as 12:3.`);
      return { at: at ?? 0, choice: choice ?? 0 };
    });
}
