import type { Oracle, Question } from './oracle.js';
import { Random } from './random.js';

/** What goes wrong how often in one run. */
interface Weather {
  /** Faults in all, at most. */
  readonly faults: number;
  readonly rate: number;
  /** Which part of the kinds of fault, and of the kinds of work, comes up at all. */
  readonly variety: number;
  /** Where all trouble is of one sort: what its options have in common. */
  readonly theme: RegExp | undefined;
  /** Where people want one sort of thing only: what it is called. */
  readonly wish: RegExp | undefined;
  /** How often somebody wants something else than the plainest. */
  readonly restlessness: number;
}

/** Sorts of trouble that come in bursts: a network that loses answers or is cut, busy machines, a rollout, a restless queue. */
const themes = [
  /answer lost|applied/,
  /the process stalls/,
  /stalls|slow/,
  /^stalls for (90 s|12 min)/,
  /dies|shuts down/,
  /is sent|is not heard/,
];

/** Sorts of things that people want. */
const wishes = [
  /retry/,
  /set back|cancel|mind|run now|release|dispatch/,
  /^start|join|replace/,
  /children|transact|another entity/,
];

/**
 * Decides by chance, from a seed. Every seed has a weather of its own: few kinds of trouble, often, find more than all
 * kinds, seldom (swarm testing, https://www.cs.utah.edu/~regehr/papers/swarm12.pdf).
 */
export class SamplingOracle implements Oracle {
  private readonly random: Random;
  private readonly weather: Weather;
  private readonly enabled = new Map<string, boolean>();
  private faults = 0;

  constructor(seed: number) {
    this.random = new Random(seed, 0);
    const theme = this.random.chance(0.5) ? themes[this.random.below(themes.length)] : undefined;
    const wish = this.random.chance(0.5) ? wishes[this.random.below(wishes.length)] : undefined;
    this.weather = {
      theme,
      wish,
      faults: this.random.pick([0, 1, 2, 3, 5, 10, 20]),
      rate: this.random.pick(theme ? [0.1, 0.3] : [0.01, 0.03, 0.1, 0.2]),
      variety: this.random.pick([0.15, 0.3, 0.6, 1]),
      restlessness: this.random.pick([0.2, 0.5, 0.8]),
    };
  }

  choose(question: Question, options: readonly string[]): number {
    switch (question) {
      case 'fault':
        return this.fault(options);
      case 'work':
        return this.random.chance(this.weather.restlessness) ? this.oneOf(options, 'work') : 0;
    }
  }

  private fault(options: readonly string[]): number {
    const { faults, rate } = this.weather;
    if (this.faults >= faults || !this.random.chance(rate)) return 0;
    const choice = this.oneOf(options, 'fault');
    if (choice > 0) this.faults++;
    return choice;
  }

  /** One of the options that this weather has; the harmless one if it has none. */
  private oneOf(options: readonly string[], question: Question): number {
    const { wish } = this.weather;
    const wished = options.filter((option) => question === 'work' && wish?.test(option));
    const choices = options.flatMap((option, index) =>
      wished.includes(option) ||
      (wished.length === 0 && index > 0 && this.isEnabled(option, question))
        ? [index]
        : [],
    );
    return choices[this.random.below(choices.length)] ?? 0;
  }

  private isEnabled(option: string, question: Question): boolean {
    const { theme } = this.weather;
    if (question === 'fault' && theme) return theme.test(option);
    let enabled = this.enabled.get(option);
    if (enabled === undefined) {
      enabled = this.random.chance(this.weather.variety);
      this.enabled.set(option, enabled);
    }
    return enabled;
  }
}
