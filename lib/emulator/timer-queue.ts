/** One timer: what to run, and when. */
export interface Timer {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly task: () => void;
}

/** Timers in the order in which they fall due; of equal times, in the order in which they were set. */
export class TimerQueue {
  private readonly timers: Timer[] = [];

  get size(): number {
    return this.timers.length;
  }

  /** The earliest timer, left where it is. */
  get first(): Timer | undefined {
    return this.timers[0];
  }

  /** Adds a timer; the returned function takes it out again. */
  add(timer: Timer): () => void {
    const before = this.timers.findLastIndex((other) => other.at <= timer.at);
    this.timers.splice(before + 1, 0, timer);
    return () => {
      const index = this.timers.indexOf(timer);
      if (index !== -1) this.timers.splice(index, 1);
    };
  }

  /** Takes out the earliest timer, if it is due by `now`. */
  takeDue(now: number): Timer | undefined {
    const first = this.first;
    return first && first.at <= now ? this.timers.shift() : undefined;
  }
}
