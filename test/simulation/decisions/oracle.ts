/**
 * What is to be decided. `fault`: whether something goes wrong here; `work`: what somebody wants done; `order`: which
 * of several things that could happen now happens first.
 */
export type Question = 'fault' | 'work' | 'order';

/**
 * Decides whatever the code under test does not. The simulation asks at every point where something could go this way
 * or that; the first option is always the harmless one.
 */
export interface Oracle {
  /** The index of the option that comes true. */
  choose(question: Question, options: readonly string[]): number;
  /**
   * Told, between two events, in which state everything is, where states are told apart.
   *
   * @throws SeenBefore if it is not worth while to go on from there
   */
  arrive?(state: () => string): void;
}

/** Everything that can come of this state has been looked at. */
export class SeenBefore extends Error {}
