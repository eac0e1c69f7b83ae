import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../../lib/system/clock.js';
import type { Scheduler } from '../world/scheduler.js';

/** One process of the application. It can die, and it can stand still and come back without noticing. Its clock may be off. */
export class Process implements Clock {
  private state: 'running' | 'stalled' | 'dead' = 'running';
  private readonly backlog: { what: string; work: () => void }[] = [];
  private readonly mourners: (() => void)[] = [];

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

  now(): number {
    return this.scheduler.now() + this.skewMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const bound = AsyncLocalStorage.bind(task);
    let isCancelled = false;
    const cancel = this.scheduler.after(delayMs, `${this.name}: timer`, () =>
      this.enter('timer', () => {
        if (!isCancelled) bound();
      }),
    );
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Lets something in from outside: at once, when the process goes on, or never. */
  enter(what: string, work: () => void): void {
    switch (this.state) {
      case 'running':
        return work();
      case 'stalled':
        this.backlog.push({ what, work });
        return;
      case 'dead':
        return;
    }
  }

  /** Nothing in it goes on, ever. */
  die(): void {
    if (this.state === 'dead') return;
    this.state = 'dead';
    this.backlog.length = 0;
    for (const mourner of this.mourners) mourner();
  }

  /** Told when the process dies. */
  onDeath(mourner: () => void): void {
    this.mourners.push(mourner);
  }

  /** Nothing in it goes on for a while; then everything that came meanwhile, as if no time had passed. */
  stall(ms: number): void {
    if (this.state !== 'running') return;
    this.state = 'stalled';
    this.scheduler.after(ms, `${this.name} goes on`, () => {
      if (this.state !== 'stalled') return;
      this.state = 'running';
      for (const { what, work } of this.backlog.splice(0))
        this.scheduler.after(0, `${this.name}: ${what}`, () => this.enter(what, work));
    });
  }
}
