import { both, type Footprint } from '../world/footprint.js';

/** A point at which several events could come next: which of them have been tried, and which are still to be. */
export class Crossing {
  private present: number | undefined;
  private readonly wanted = new Set<number>();
  private readonly done = new Set<number>();
  /** What those that were tried have touched. */
  private readonly tried = new Map<string, Footprint>();

  /**
   * @param ids of the events that could come
   * @param asleep what need not be tried: all that follows has been seen where it came earlier
   */
  constructor(
    private readonly ids: readonly string[],
    private readonly asleep: ReadonlyMap<string, Footprint>,
  ) {
    this.wanted.add(this.ids.findIndex((id) => !asleep.has(id)));
    this.next();
  }

  /** The index of the event that comes; undefined: none needs to be tried any more. */
  get choice(): number | undefined {
    return this.present;
  }

  /** Has one of some events tried here, unless one of them is anyway. */
  wantOneOf(indexes: readonly number[]): void {
    const [first] = indexes;
    if (first !== undefined && !indexes.some((index) => this.wanted.has(index)))
      this.wanted.add(first);
  }

  wantAll(): void {
    for (const index of this.ids.keys()) this.wanted.add(index);
  }

  /** The event that came has touched this. */
  touched(footprint: Footprint): void {
    const id = this.idOf(this.present);
    this.tried.set(id, both(this.tried.get(id) ?? new Map(), footprint));
  }

  /** What need not be tried after the event that comes. */
  sleepers(): Map<string, Footprint> {
    const sleepers = new Map([...this.asleep, ...this.tried]);
    sleepers.delete(this.idOf(this.present));
    return sleepers;
  }

  /** Turns to the next event that is to be tried; false: there is none. */
  next(): boolean {
    if (this.present !== undefined) this.done.add(this.present);
    this.present = [...this.wanted].find(
      (index) => index >= 0 && !this.done.has(index) && !this.asleep.has(this.idOf(index)),
    );
    return this.present !== undefined;
  }

  private idOf(index: number | undefined): string {
    return this.ids[index ?? -1] ?? '';
  }
}
