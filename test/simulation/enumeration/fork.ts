/** A point at which something may go wrong in several ways. */
export class Fork {
  private present = 0;

  constructor(private readonly options: number) {}

  /** 0: nothing does. */
  get choice(): number {
    return this.present;
  }

  /** Turns to the next way; false: there is none. */
  next(): boolean {
    this.present++;
    return this.present < this.options;
  }
}
