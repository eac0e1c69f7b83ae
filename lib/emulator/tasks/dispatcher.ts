import type { Clock } from '../../system/clock.js';
import { type Attempts, kindOf } from './attempts.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { DispatchHooks } from './dispatch-hooks.js';
import { IdleSignal } from './idle-signal.js';
import { rateRules } from './queue-config.js';
import type { QueueStore } from './queue-store.js';
import { QueueTraffic } from './queue-traffic.js';
import type { Retirement } from './retirement.js';
import type { StoredTask, TaskStore } from './task-store.js';
import { WakeUp } from './wake-up.js';

/** What the dispatcher works with. */
export interface DispatcherParts {
  readonly clock: Clock;
  readonly tasks: TaskStore;
  readonly queues: QueueStore;
  readonly attempts: Attempts;
  readonly retirement: Retirement;
  readonly runner: AttemptRunner;
  readonly hooks: DispatchHooks;
}

/** Decides which task is sent when: by its time, and by the limits and the state of its queue. */
export class Dispatcher {
  private readonly traffic = new Map<string, QueueTraffic>();
  private readonly postponed = new Set<number>();
  private readonly idleSignal = new IdleSignal();
  private readonly wakeUp: WakeUp;
  private closed = false;

  constructor(private readonly parts: DispatcherParts) {
    this.wakeUp = new WakeUp(parts.clock, () => this.pump());
    parts.attempts.endStranded(parts.clock.now());
    this.wakeUp.notLaterThan(parts.clock.now());
  }

  /** When there is next something to dispatch, in milliseconds since the epoch; undefined while nothing waits. */
  get nextDueAt(): number | undefined {
    return this.wakeUp.at;
  }

  /** Resolves when no attempt is under way. */
  idle(): Promise<void> {
    return this.idleSignal.whenIdle();
  }

  /** Looks for work at that moment at the latest; never within this call. */
  lookAt(time: number): void {
    if (!this.closed) this.wakeUp.notLaterThan(time);
  }

  /** Takes over changed limits of a queue. */
  reconfigure(queue: string): void {
    const now = this.parts.clock.now();
    this.traffic.get(queue)?.configure(rateRules(this.parts.queues.get(queue) ?? {}), now);
    this.lookAt(now);
  }

  /** Sends a task now, whatever its time, its queue or another attempt of it say. */
  force(stored: StoredTask): void {
    const calledAt = this.parts.clock.now();
    const started = this.start(stored);
    this.parts.clock.after(0, () => void this.attempt(started, calledAt));
  }

  close(): void {
    this.closed = true;
    this.wakeUp.cancel();
    this.parts.runner.close();
  }

  private pump(): void {
    const { clock, queues, retirement, hooks } = this.parts;
    const now = clock.now();
    retirement.expire(now);
    if (hooks.held()) return;
    for (const queue of queues.running) this.dispatchFrom(queue, now);
    this.sleepUntilNext(now);
  }

  private dispatchFrom(queue: string, now: number): void {
    while (this.trafficOf(queue).freeAt(now) <= now) {
      const next = this.parts.tasks.nextDue(queue, now);
      if (!next) return;
      this.take(next, now);
    }
  }

  private take(next: StoredTask, now: number): void {
    const plan = this.postponed.delete(next.id)
      ? ({ type: 'dispatch' } as const)
      : this.parts.hooks.plan(next.name);
    switch (plan.type) {
      case 'dispatch':
        void this.attempt(this.start(next));
        break;
      case 'postpone':
        this.postponed.add(next.id);
        this.parts.tasks.update({ ...next, due: now + plan.ms });
        break;
      case 'lose':
        this.parts.retirement.retire(next, now);
        break;
    }
  }

  private start(stored: StoredTask): StoredTask {
    const now = this.parts.clock.now();
    this.trafficOf(stored.queue).started(now);
    this.idleSignal.started();
    return this.parts.attempts.begin(stored, now);
  }

  private async attempt(started: StoredTask, forcedAt?: number): Promise<void> {
    const outcome = await this.parts.runner.run(started);
    if (!this.closed) {
      const now = this.parts.clock.now();
      this.trafficOf(started.queue).ended(kindOf(started), outcome, now);
      this.parts.attempts.end(started, outcome, now, forcedAt ?? now);
      this.pump();
    }
    this.idleSignal.ended();
  }

  private sleepUntilNext(now: number): void {
    for (const queue of this.parts.queues.running) {
      const due = this.parts.tasks.firstDue(queue);
      const at = due === undefined ? Infinity : Math.max(due, this.trafficOf(queue).freeAt(now));
      // Infinity: nothing waits, or too many attempts are under way, and the end of one looks again.
      if (at !== Infinity) this.wakeUp.notLaterThan(at);
    }
  }

  private trafficOf(queue: string): QueueTraffic {
    const known = this.traffic.get(queue);
    if (known) return known;
    const rules = rateRules(this.parts.queues.get(queue) ?? {});
    const traffic = new QueueTraffic(rules, this.parts.clock.now());
    this.traffic.set(queue, traffic);
    return traffic;
  }
}
