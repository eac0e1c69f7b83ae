import type { Coming, Happened } from '../decisions/oracle.js';
import { conflict } from '../world/footprint.js';
import type { Crossing } from './crossing.js';

/** One event of the moment, in its place. */
interface Entry {
  readonly happened: Happened;
  /** Where it was chosen, if there was a choice, and from what. */
  readonly crossing: Crossing | undefined;
  readonly candidates: readonly Coming[];
  /** The earlier entries that it could not have come before: a bit for each. */
  readonly causes: bigint;
}

/**
 * What has happened at one moment of virtual time so far. Events that touch different things may come in any order, and
 * it is all the same; wherever two conflict, it has the other order tried, too: dynamic partial-order reduction, with
 * source sets (Abdulla et al., POPL 2014).
 */
export class Moment {
  private entries: Entry[] = [];
  private chosen: Pick<Entry, 'crossing' | 'candidates'> = { crossing: undefined, candidates: [] };

  /** An event was chosen. */
  choose(candidates: readonly Coming[], crossing: Crossing | undefined): void {
    this.chosen = { candidates, crossing };
  }

  /** The chosen event is over. */
  add(happened: Happened): void {
    const direct = this.entries.flatMap(({ happened: earlier }, index) =>
      earlier.number === happened.setBy || conflict(earlier.touched, happened.touched)
        ? [index]
        : [],
    );
    const causes = direct.reduce((all, index) => all | bit(index) | this.causesOf(index), 0n);
    for (const index of direct)
      if (!direct.some((other) => this.causesOf(other) & bit(index)))
        this.reverse(index, happened, causes);
    for (const number of happened.cancelled) this.keep(number);
    this.chosen.crossing?.touched(happened.touched);
    this.entries.push({ happened, ...this.chosen, causes });
  }

  /** It is over, and so is whatever could have come earlier or later in it. */
  clear(): void {
    this.entries = [];
  }

  /** Has tried, in place of an earlier event, what leads to a later one before it. */
  private reverse(earlier: number, later: Happened, causes: bigint): void {
    const { crossing, candidates = [], happened } = this.entries[earlier] ?? {};
    if (!crossing || happened?.number === later.setBy) return;
    const free = [...this.entries.keys()].filter(
      (index) => index > earlier && !(this.causesOf(index) & bit(earlier)),
    );
    const among = free.reduce((all, index) => all | bit(index), 0n);
    const initials = free
      .filter((index) => !(this.causesOf(index) & among))
      .map((index) => this.entries[index]?.happened.number);
    if (!(causes & among)) initials.unshift(later.number);
    const indexes = initials.map((number) => candidates.findIndex((one) => one.number === number));
    crossing.wantOneOf(indexes.filter((index) => index >= 0));
  }

  /** Has tried, in place of the event that is over, one that it took back. */
  private keep(number: number): void {
    const { crossing, candidates } = this.chosen;
    const index = candidates.findIndex((one) => one.number === number);
    if (index >= 0) crossing?.wantOneOf([index]);
  }

  private causesOf(index: number): bigint {
    return this.entries[index]?.causes ?? 0n;
  }
}

function bit(index: number): bigint {
  return 1n << BigInt(index);
}
