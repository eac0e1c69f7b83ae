import type { Coming, Oracle, Question } from '../decisions/oracle.js';
import type { Touch } from './footprint.js';
import { Provenance, type Rememberer } from './provenance.js';

/** What an event depends on. */
export interface Dependence {
  /** Of whoever waits for it, as he is by then. */
  readonly memory?: Rememberer | undefined;
  /** All else that it depends on besides what it will look at, whoever set it. Default: how it came about. */
  readonly content?: string;
}

interface Event extends Coming {
  readonly at: number;
  readonly what: string;
  readonly run: () => void;
  /** The event that set it. */
  readonly setBy: number | undefined;
  readonly memory: Rememberer | undefined;
  isCancelled: boolean;
}

/** Virtual time: what is to happen when, and nothing happens but by it. */
export class Scheduler {
  private readonly heap: Event[] = [];
  private added = 0;
  private time = Date.UTC(2026, 0, 1);

  private present: Event | undefined;
  private readonly touched = new Map<string, Touch>();
  private readonly consulted = new Map<string, () => string>();
  private readonly cancelled: number[] = [];
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

  /** Has something happen later; the returned function prevents it. */
  after(
    delayMs: number,
    what: string,
    run: () => void,
    { memory, content }: Dependence = {},
  ): () => void {
    const event: Event = {
      setBy: this.present?.number,
      at: this.time + Math.max(0, delayMs),
      number: this.added++,
      what,
      run,
      id: content ?? this.stamp(),
      memory,
      isCancelled: false,
    };
    this.push(event);
    return () => {
      event.isCancelled = true;
      if (event.at !== this.time) return;
      this.touch(event.id, 'writes');
      this.cancelled.push(event.number);
    };
  }

  /** What happens now. */
  get what(): string {
    return this.present?.what ?? '';
  }

  /** Lets the next thing happen; false: nothing is left. */
  step(): boolean {
    const event = this.orderBy ? this.chosen(this.orderBy) : this.pop();
    if (!event) return false;
    this.time = event.at;
    this.present = event;
    this.touched.clear();
    this.cancelled.length = 0;
    // It may be taken back.
    this.touch(event.id, 'reads');
    // Those of a process go off in the order in which they were set.
    if (isTimer(event)) this.touch(event.what, 'writes');
    this.provenance?.begin(`${event.id} ${event.at}`);
    event.run();
    return true;
  }

  /** Nothing more happens in the present event. */
  end(): void {
    const { present, touched, cancelled } = this;
    if (!this.orderBy || !present) return;
    this.readConsulted();
    this.provenance?.end();
    this.orderBy.happened?.({ ...present, touched: new Map(touched), cancelled: [...cancelled] });
    this.present = undefined;
  }

  /** Whether nothing more happens at the present moment. */
  get isMomentOver(): boolean {
    return this.next?.at !== this.time;
  }

  /** Something is read, or changed, that others may read or change at the same moment: which comes first matters. */
  touch(thing: string, how: Touch): void {
    if (!this.orderBy) return;
    if (how === 'writes' || !this.touched.has(thing)) this.touched.set(thing, how);
  }

  /** Something may be looked at: it counts as read and observed, unless that is taken back before anything comes of it. */
  consult(thing: string, what: () => string): void {
    if (this.orderBy && !this.touched.has(thing)) this.consulted.set(thing, what);
  }

  forget(thing: string): void {
    this.consulted.delete(thing);
  }

  private readConsulted(): void {
    for (const [thing, what] of this.consulted) {
      this.touch(thing, 'reads');
      this.observe(what);
    }
    this.consulted.clear();
  }

  /** Something is looked at, or decided, that what happens now depends on. */
  observe(what: () => string): void {
    this.provenance?.observe(what());
  }

  /** Somebody with a memory takes part in what happens now. */
  involve(witness: Rememberer): void {
    this.provenance?.involve(witness);
    this.touch(witness.name, 'writes');
  }

  /** Says how something that begins in the present event came about; the same in every run in which it came about like this. */
  stamp(): string {
    this.readConsulted();
    return this.provenance?.next() ?? '';
  }

  /** The same oracle; what it decides is observed. */
  observed(oracle: Oracle): Oracle {
    return {
      choose: (question: Question, options: readonly string[]) => {
        const choice = oracle.choose(question, options);
        this.observe(() => String(choice));
        // To those who read how much went wrong so far, it is the same what did first.
        if (choice > 0) this.touch('what went wrong', 'reads');
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
    const events: Event[] = [];
    const { at } = this.next ?? {};
    for (let next = this.pop(); next; next = this.next?.at === at ? this.pop() : undefined)
      events.push(next);
    const free = events.filter(isFirstOfItsTimers);
    const chosen = free.length > 0 ? free[oracle.order?.(free) ?? 0] : undefined;
    for (const event of events) if (event !== chosen) this.push(event);
    return chosen;
  }

  /** The first of those that were not taken back. */
  private get next(): Event | undefined {
    while (this.heap[0]?.isCancelled) this.removeFirst();
    return this.heap[0];
  }

  private pop(): Event | undefined {
    const { next } = this;
    if (next) this.removeFirst();
    return next;
  }

  private removeFirst(): void {
    const [first] = this.heap;
    const last = this.heap.pop();
    if (last && first !== last) this.sink(last);
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
