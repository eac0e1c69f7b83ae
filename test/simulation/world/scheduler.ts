import type { Oracle, Question } from '../decisions/oracle.js';
import { Provenance, type Rememberer } from './provenance.js';

interface Event {
  readonly at: number;
  readonly number: number;
  readonly what: string;
  readonly run: () => void;
  /** How it came about; empty where nobody asks. */
  readonly id: string;
  /** Whom it finds as he is by then. */
  readonly memory: Rememberer | undefined;
  isCancelled: boolean;
}

/** Virtual time: what is to happen when, and nothing happens but by it. */
export class Scheduler {
  private readonly heap: Event[] = [];
  private added = 0;
  private time = Date.UTC(2026, 0, 1);

  private readonly provenance: Provenance | undefined;

  /**
   * @param orderBy decides what of the same moment happens first; undefined: what was set first, and nobody asks in
   *   which state everything is
   */
  constructor(private readonly orderBy?: Oracle) {
    this.provenance = orderBy && new Provenance();
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.time;
  }

  /**
   * Has something happen later; the returned function prevents it.
   *
   * @param memory of whoever waits for it
   */
  after(delayMs: number, what: string, run: () => void, memory?: Rememberer): () => void {
    const event: Event = {
      at: this.time + Math.max(0, delayMs),
      number: this.added++,
      what,
      run,
      id: this.provenance?.next() ?? '',
      memory,
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
    this.provenance?.begin(`${event.id} ${event.at}`);
    event.run();
    return true;
  }

  /** Nothing more happens in the present event. */
  end(): void {
    this.provenance?.end();
  }

  /** Something is looked at, or decided, that what happens now depends on. */
  observe(what: () => string): void {
    this.provenance?.observe(what());
  }

  /** Somebody with a memory takes part in what happens now. */
  involve(witness: Rememberer): void {
    this.provenance?.involve(witness);
  }

  /** Says how something that begins in the present event came about; the same in every run in which it came about like this. */
  stamp(): string {
    return this.provenance?.next() ?? '';
  }

  /** The same oracle; what it decides is observed. */
  observed(oracle: Oracle): Oracle {
    return {
      choose: (question: Question, options: readonly string[]) => {
        const choice = oracle.choose(question, options);
        this.observe(() => String(choice));
        return choice;
      },
    };
  }

  /** What is to come; the order in which it was set matters for timers alone. */
  get mark(): string {
    const coming = this.heap
      .filter(({ isCancelled }) => !isCancelled)
      .toSorted((a, b) => (precedes(a, b) ? -1 : 1));
    const timers = coming.filter(isTimer).map(({ what, ...event }) => `${what} ${markOf(event)}`);
    const others = coming.filter((event) => !isTimer(event)).map(markOf);
    return [this.time, ...timers, ...others.toSorted()].join('\n');
  }

  private chosen(oracle: Oracle): Event | undefined {
    const first = this.pop();
    if (!first) return undefined;
    const events = [first];
    while (this.heap[0]?.at === first.at) {
      const next = this.pop();
      if (next) events.push(next);
    }
    const free = events.filter(isFirstOfItsTimers);
    const choice = oracle.choose(
      'order',
      free.map(({ what }) => what),
    );
    const chosen = free[choice] ?? first;
    for (const event of events) if (event !== chosen) this.push(event);
    return chosen;
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

/** The timers of a process go off in the order in which they were set; all else comes in any order. */
function isFirstOfItsTimers({ what }: Event, index: number, events: readonly Event[]): boolean {
  return !isTimer({ what }) || events.findIndex((other) => other.what === what) === index;
}

function isTimer({ what }: Pick<Event, 'what'>): boolean {
  return what.endsWith(': timer');
}

function markOf({ at, id, memory }: Pick<Event, 'at' | 'id' | 'memory'>): string {
  return `${at} ${id} ${memory?.past}`;
}

function precedes(a: Event, b: Event): boolean {
  return a.at === b.at ? a.number < b.number : a.at < b.at;
}
