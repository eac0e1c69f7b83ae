import type { Footprint } from '../world/footprint.js';

/** What is to be decided. `fault`: whether something goes wrong here; `work`: what somebody wants done. */
export type Question = 'fault' | 'work';

/** An event that is to come. */
export interface Coming {
  /** No other event of the run has it. */
  readonly number: number;
  /** The same in every run in which it came about like this. */
  readonly id: string;
}

/** An event that is over. */
export interface Happened extends Coming {
  /** The event that set it; undefined: none did. */
  readonly setBy: number | undefined;
  readonly touched: Footprint;
  /** Events that it took back. */
  readonly cancelled: readonly number[];
}

/**
 * Decides whatever the code under test does not. The simulation asks at every point where something could go this way
 * or that; the first option is always the harmless one.
 */
export interface Oracle {
  /** The index of the option that comes true. */
  choose(question: Question, options: readonly string[]): number;
  /** The index of the one that comes first, of events that could all come now. Default: what was set first. */
  order?(events: readonly Coming[]): number;
  /** Told of every event. */
  happened?(event: Happened): void;
  /**
   * Told after every event in which state everything is, and whether all that happens at one moment has happened.
   *
   * @throws SeenBefore if it is not worth while to go on from there
   */
  arrive?(state: () => string, isMomentOver: boolean): void;
}

/** Everything that can come of this has been looked at. */
export class SeenBefore extends Error {}
