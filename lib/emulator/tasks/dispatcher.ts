import type { Clock } from '../../system/clock.js';
import { Appointments } from './appointments.js';
import { type Attempts, kindOf } from './attempts.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { DispatchHooks, DispatchPlan } from './dispatch-hooks.js';
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
  private readonly postponed = new Map<number, DispatchPlan>();
  private readonly idleSignal = new IdleSignal();
  private readonly wakeUp: WakeUp;
  private readonly copies: Appointments;
  private closed = false;

  constructor(private readonly parts: DispatcherParts) {
    this.copies = new Appointments(parts.clock);
    this.wakeUp = new WakeUp(parts.clock, () => this.pump());
    parts.attempts.endStranded(parts.clock.now());
    this.wakeUp.notLaterThan(parts.clock.now());
  }

  /** When there is next something to dispatch, in milliseconds since the epoch; undefined while nothing waits. */
  get nextDueAt(): number | undefined {
    const next = Math.min(this.wakeUp.at ?? Infinity, this.copies.nextAt);
    return next === Infinity ? undefined : next;
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
    this.copies.cancelAll();
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
    const postponed = this.postponed.get(next.id);
    const plan = postponed ?? this.parts.hooks.plan(next.name);
    if (plan.type === 'lose') return this.parts.retirement.retire(next, now);
    if (!postponed && plan.delayMs > 0) {
      this.postponed.set(next.id, plan);
      return this.parts.tasks.update({ ...next, due: now + plan.delayMs });
    }
    this.postponed.delete(next.id);
    const started = this.start(next);
    void this.attempt(started);
    for (const ms of plan.copiesAfterMs) this.copies.add(ms, () => void this.deliverCopy(started));
  }

  /** Whoever gets it, and whatever comes of it, is of no concern to the queue. */
  private async deliverCopy(started: StoredTask): Promise<void> {
    this.idleSignal.started();
    await this.parts.runner.run(started);
    this.idleSignal.ended();
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
