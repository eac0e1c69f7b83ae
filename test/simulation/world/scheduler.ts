import type { Oracle } from '../decisions/oracle.js';

interface Event {
  readonly at: number;
  readonly number: number;
  readonly what: string;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Virtual time: what is to happen when, and nothing happens but by it. */
export class Scheduler {
  private readonly heap: Event[] = [];
  private added = 0;
  private time = Date.UTC(2026, 0, 1);

  /** @param orderBy decides what of the same moment happens first; undefined: what was set first */
  constructor(private readonly orderBy?: Oracle) {}

  /** Milliseconds since the epoch. */
  now(): number {
    return this.time;
  }

  /** Has something happen later; the returned function prevents it. */
  after(delayMs: number, what: string, run: () => void): () => void {
    const event: Event = {
      at: this.time + Math.max(0, delayMs),
      number: this.added++,
      what,
      run,
      isCancelled: false,
    };
    this.push(event);
    return () => {
      event.isCancelled = true;
    };
  }

  /** Lets the next thing happen; false: nothing is left. */
  step(): boolean {
    const event = this.orderBy ? this.chosen(this.orderBy) : this.pop();
    if (!event) return false;
    this.time = event.at;
    event.run();
    return true;
  }

  private chosen(oracle: Oracle): Event | undefined {
    const first = this.pop();
    if (!first) return undefined;
    const events = [first];
    while (this.heap[0]?.at === first.at) {
      const next = this.pop();
      if (next) events.push(next);
    }
    const choice =
      events.length === 1
        ? 0
        : oracle.choose(
            'order',
            events.map(({ what }) => what),
          );
    for (const [index, event] of events.entries()) if (index !== choice) this.push(event);
    return events[choice];
  }

  private pop(): Event | undefined {
    for (;;) {
      const first = this.heap[0];
      const last = this.heap.pop();
      if (!first || !last) return undefined;
      if (first !== last) this.sink(last);
      if (!first.isCancelled) return first;
    }
  }

  private push(event: Event): void {
    let index = this.heap.length;
    for (let parent = (index - 1) >> 1; index > 0; parent = (index - 1) >> 1) {
      const above = this.heap[parent];
      if (!above || precedes(above, event)) break;
      this.heap[index] = above;
      index = parent;
    }
    this.heap[index] = event;
  }

  private sink(event: Event): void {
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = this.heap[child];
      if (!below) break;
      const right = this.heap[child + 1];
      if (right && precedes(right, below)) {
        below = right;
        child++;
      }
      if (precedes(event, below)) break;
      this.heap[index] = below;
      index = child;
    }
    this.heap[index] = event;
  }
}

function precedes(a: Event, b: Event): boolean {
  return a.at === b.at ? a.number < b.number : a.at < b.at;
}
