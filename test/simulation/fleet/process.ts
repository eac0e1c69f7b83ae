import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../../lib/system/clock.js';
import type { Rememberer } from '../world/provenance.js';
import type { Scheduler } from '../world/scheduler.js';

interface Entry {
  readonly what: string;
  readonly work: () => unknown;
  /** Whose it is; undefined: something new comes in. */
  readonly memory: Rememberer | undefined;
}

/**
 * One process of the application. It can die, and it can stand still and come back without noticing. Its clock may be
 * off. What its requests have in common (which sweeps are armed, whether it is to end) it knows itself.
 */
export class Process implements Clock, Rememberer {
  past = '';
  private state: 'running' | 'stalled' | 'dead' = 'running';
  private readonly backlog: (Entry & { readonly cause: string })[] = [];
  private readonly mourners = new Set<() => void>();
  private readonly current = new AsyncLocalStorage<Rememberer>();
  /** What all its requests know, by subject. */
  private readonly common = new Map<string, string>();
  /** Of the requests that are not answered. */
  private readonly memories = new Set<Rememberer>();

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
    private readonly skewMs: number,
  ) {}

  get isDead(): boolean {
    return this.state === 'dead';
  }

  get isRunning(): boolean {
    return this.state === 'running';
  }

  /** Whether it runs, what it and its requests have heard, and what they will hear when it goes on. */
  get mark(): string {
    const { name, state, past, knowledge, memories, backlog } = this;
    const pasts = [...memories].map((memory) => memory.past).toSorted();
    return [name, state, past, knowledge, ...pasts, ...backlog.map(markOf)].join(' ');
  }

  /** In whose name the present code runs. */
  get memory(): Rememberer {
    return this.current.getStore() ?? this;
  }

  /** From now on all its requests know something; undefined: not any more. */
  knows(subject: string, what: string | undefined): void {
    this.scheduler.touch(`what ${this.name} knows`, 'writes');
    if (what === undefined) this.common.delete(subject);
    else this.common.set(subject, what);
  }

  /** Whoever looks at what all know (which sweeps are armed) asks for the time first: it is known for a while only. */
  now(): number {
    this.scheduler.consult(`what ${this.name} knows`, () => this.knowledge);
    return this.scheduler.now() + this.skewMs;
  }

  /** A sweep that goes on from one range to the next asks for the time, but looks at nothing that all know. */
  goesOnWith(what: string): void {
    if (this.scheduler.what.endsWith(what)) this.scheduler.forget(`what ${this.name} knows`);
  }

  after(delayMs: number, task: () => void, memory = this.memory): () => void {
    const bound = AsyncLocalStorage.bind(task);
    let isCancelled = false;
    const work = () => {
      if (!isCancelled) bound();
    };
    this.scheduler.involve(memory);
    const cancel = this.scheduler.after(
      delayMs,
      `${this.name}: timer`,
      () => this.enter({ what: 'timer', work, memory }),
      { memory },
    );
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Lets something new in from outside: at once, when the process goes on, or never. */
  begin(what: string, work: () => unknown): void {
    this.enter({ what, work, memory: undefined });
  }

  /** Lets in what something in it waits for: at once, when the process goes on, or never. */
  enter({ what, work, memory = { name: this.scheduler.stamp(), past: '' } }: Entry): void {
    this.scheduler.observe(() => this.past);
    this.scheduler.touch(this.name, 'reads');
    this.scheduler.involve(memory);
    switch (this.state) {
      case 'running':
        return this.do(work, memory);
      case 'stalled':
        // What comes in first goes on first.
        this.scheduler.touch(this.name, 'writes');
        this.backlog.push({ what, work, memory, cause: this.scheduler.stamp() });
        return;
      case 'dead':
        return;
    }
  }

  /** Nothing in it goes on, ever. */
  die(): void {
    if (this.state === 'dead') return;
    this.state = 'dead';
    this.scheduler.touch(this.name, 'writes');
    this.backlog.length = 0;
    for (const mourner of this.mourners) mourner();
  }

  /** Told when the process dies; the returned function takes it back. */
  onDeath(mourner: () => void): () => void {
    this.mourners.add(mourner);
    return () => this.mourners.delete(mourner);
  }

  /** Nothing in it goes on for a while; then everything that came meanwhile, as if no time had passed. */
  stall(ms: number): void {
    if (this.state !== 'running') return;
    this.state = 'stalled';
    this.scheduler.touch(this.name, 'writes');
    const goOn = () => {
      if (this.state !== 'stalled') return;
      this.state = 'running';
      this.scheduler.touch(this.name, 'writes');
      for (const { cause, ...entry } of this.backlog.splice(0))
        this.scheduler.after(
          0,
          `${this.name}: ${entry.what}`,
          () => {
            this.scheduler.observe(() => cause);
            this.enter(entry);
          },
          { memory: entry.memory },
        );
    };
    this.scheduler.after(ms, `${this.name} goes on`, goOn, { content: this.name });
  }

  private get knowledge(): string {
    return [...this.common].toSorted(byName).join(' ');
  }

  private do(work: () => unknown, memory: Rememberer): void {
    const result = this.current.run(memory, work);
    if (!(result instanceof Promise)) return;
    this.memories.add(memory);
    void result.finally(() => this.memories.delete(memory));
  }
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

function markOf({ cause, memory }: { cause: string; memory: Rememberer | undefined }): string {
  return `${cause}:${memory?.past}`;
}
