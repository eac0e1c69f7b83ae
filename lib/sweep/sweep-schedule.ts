import { createHash } from 'node:crypto';
import { timestamp } from '../datastore/timestamp.js';
import { Status, statusOf } from '../google/status.js';
import type { TasksApi } from '../google/tasks-api.js';
import type { Clock } from '../system/clock.js';
import type { Log } from '../system/log.js';
import type { DispatchSettings } from '../tasks/dispatcher.js';
import { addressed } from '../tasks/target.js';
import type { Arming } from '../datastore/arming.js';

/** The sweep's own options. */
export interface SweepSettings extends DispatchSettings {
  readonly databaseId: string;
  readonly queue: string;
  /** How often a namespace is swept while anything in it is owed, milliseconds. */
  readonly every: number;
}

/** How long the schedule leaves Cloud Tasks alone after a failure, milliseconds. */
const pause = 5_000;

/**
 * Sees to it that a namespace is swept while anything in it is owed: before the first write of a time slot its sweep
 * is armed, and a sweep that leaves anything owed arms the next. One call for each process, namespace and slot.
 */
export class SweepSchedule implements Arming {
  private readonly armed = new Map<string, number>();
  private readonly underWay = new Map<string, Promise<void>>();
  private quietUntil = 0;

  constructor(
    private readonly api: Pick<TasksApi, 'createTask' | 'getTask'>,
    private readonly settings: SweepSettings,
    private readonly path: () => string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  isNeeded(namespace: string): boolean {
    return !this.isArmed(namespace, this.slot + 2) && this.clock.now() >= this.quietUntil;
  }

  /**
   * Makes sure that a sweep will come after everything that is written to a namespace now. It comes in the slot after
   * next, so that it misses no write that is still under way. A failure is logged and tried again, for what was written
   * meanwhile would be lost if its own task could not be created either.
   */
  async arm(namespace: string): Promise<void> {
    try {
      // Again where the answer took so long that the sweep comes too early.
      while (this.isNeeded(namespace)) await this.create(namespace, this.slot + 2);
    } catch (error) {
      this.quietUntil = this.clock.now() + pause;
      this.clock.after(pause, () => void this.arm(namespace));
      this.log.warn('The sweep could not be armed; it is tried again', { namespace, error });
    }
  }

  /** Has a namespace swept in the next slot. @throws the error of CreateTask */
  async rearm(namespace: string): Promise<void> {
    const slot = this.slot + 1;
    if (!this.isArmed(namespace, slot)) await this.create(namespace, slot);
  }

  /** Whether a sweep of a namespace is to come, in this time slot or the next two. Needs `cloudtasks.tasks.get`. */
  async isComing(namespace: string): Promise<boolean> {
    for (const ahead of [1, 2, 0]) if (await this.exists(namespace, this.slot + ahead)) return true;
    return false;
  }

  private async exists(namespace: string, slot: number): Promise<boolean> {
    try {
      await this.api.getTask({ name: `${this.queue}/tasks/${this.name(namespace, slot)}` });
      return true;
    } catch (error) {
      if (statusOf(error) === Status.NOT_FOUND) return false;
      throw error;
    }
  }

  private get queue(): string {
    const { projectId, location, queue } = this.settings;
    return `projects/${projectId}/locations/${location}/queues/${queue}`;
  }

  private get slot(): number {
    return Math.floor(this.clock.now() / this.settings.every);
  }

  private isArmed(namespace: string, slot: number): boolean {
    return (this.armed.get(namespace) ?? 0) >= slot;
  }

  /** Those who need the same sweep at the same time wait for the same call. */
  private create(namespace: string, slot: number): Promise<void> {
    const name = this.name(namespace, slot);
    const call = this.underWay.get(name) ?? this.createNamed(name, namespace, slot);
    this.underWay.set(name, call);
    return call.finally(() => this.underWay.delete(name));
  }

  private async createNamed(name: string, namespace: string, slot: number): Promise<void> {
    const { target, dispatchDeadline, every } = this.settings;
    const parent = this.queue;
    const headers = { 'Content-Type': 'application/json' };
    const body = Buffer.from(JSON.stringify({ namespace }));
    const task = {
      ...addressed(target, this.path(), headers, body),
      name: `${parent}/tasks/${name}`,
      scheduleTime: timestamp(slot * every),
      dispatchDeadline: { seconds: Math.ceil(dispatchDeadline / 1_000) },
    };
    try {
      await this.api.createTask({ parent, task });
    } catch (error) {
      if (statusOf(error) !== Status.ALREADY_EXISTS) throw error;
    }
    this.armed.set(namespace, Math.max(slot, this.armed.get(namespace) ?? 0));
  }

  private name(namespace: string, slot: number): string {
    const { projectId, databaseId, every } = this.settings;
    return createHash('sha256')
      .update(JSON.stringify(['sweep', projectId, databaseId, namespace, every, slot]))
      .digest('hex');
  }
}
