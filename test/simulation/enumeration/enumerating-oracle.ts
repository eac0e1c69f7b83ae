import {
  SeenBefore,
  type Coming,
  type Happened,
  type Oracle,
  type Question,
} from '../decisions/oracle.js';
import { conflict, type Footprint } from '../world/footprint.js';
import { Crossing } from './crossing.js';
import { Fork } from './fork.js';
import { Moment } from './moment.js';

/** What is enumerated. */
export interface Bounds {
  /** Every combination of up to so many. */
  readonly faults: number;
  /** Also the orders of events that touch different things: for comparison. Default: no. */
  readonly everyOrder?: boolean;
}

/**
 * Goes through all decisions depth first. One run follows one path; `next` moves on to the path after it. A path ends
 * where a moment comes to an end in a state in which another has ended, or where all that could come has been seen to
 * come earlier.
 */
export class EnumeratingOracle implements Oracle {
  private readonly path: (Fork | Crossing)[] = [];
  /** Those within moments, where orders are compared. */
  private readonly passed = new Set<string>();
  private readonly moment = new Moment();
  private asleep = new Map<string, Footprint>();
  private depth = 0;
  private faults = 0;

  /** The states in which moments ended. */
  readonly states = new Set<string>();

  constructor(private readonly bounds: Bounds) {}

  /** What is wanted is fixed; where all faults have been, nothing goes wrong. */
  choose(question: Question, options: readonly string[]): number {
    if (question !== 'fault' || this.faults === this.bounds.faults) return 0;
    const fork = this.path[this.depth] ?? new Fork(options.length);
    if (!(fork instanceof Fork)) throw new Error('Not the same again: a fault was an order.');
    this.path[this.depth++] = fork;
    if (fork.choice > 0) this.faults++;
    return fork.choice;
  }

  order(events: readonly Coming[]): number {
    const crossing = events.length > 1 ? this.crossing(events) : undefined;
    this.moment.choose(events, crossing);
    if (!crossing) {
      if (events.some(({ id }) => this.asleep.has(id))) throw new SeenBefore();
      return 0;
    }
    if (crossing.choice === undefined) throw new SeenBefore();
    this.asleep = crossing.sleepers();
    return crossing.choice;
  }

  happened(event: Happened): void {
    if (this.bounds.everyOrder) return;
    this.moment.add(event);
    for (const [id, footprint] of this.asleep)
      if (conflict(footprint, event.touched)) this.asleep.delete(id);
  }

  arrive(state: () => string, isMomentOver: boolean): void {
    if (isMomentOver) {
      this.moment.clear();
      this.asleep = new Map();
    }
    const isNew = this.depth === this.path.length;
    if (!isNew || (!isMomentOver && !this.bounds.everyOrder)) return;
    const arrived = state();
    const states = isMomentOver ? this.states : this.passed;
    if (states.has(arrived)) throw new SeenBefore();
    states.add(arrived);
  }

  /** Moves on to the next path; false: that was the last. */
  next(): boolean {
    this.depth = 0;
    this.faults = 0;
    this.moment.clear();
    this.asleep = new Map();
    for (let last = this.path.at(-1); last; last = this.path.at(-1)) {
      if (last.next()) return true;
      this.path.pop();
    }
    return false;
  }

  private crossing(events: readonly Coming[]): Crossing {
    const ids = events.map(({ id }) => id);
    const crossing = this.path[this.depth] ?? new Crossing(ids, this.asleep);
    if (!(crossing instanceof Crossing))
      throw new Error('Not the same again: an order was a fault.');
    if (this.bounds.everyOrder) crossing.wantAll();
    this.path[this.depth++] = crossing;
    return crossing;
  }
}
