import type { StoredTask, TaskStore } from './task-store.js';
import type { Tombstones } from './tombstones.js';

/** After so long a task is deleted, dispatched or not: CreateQueue in Google's cloudtasks.proto. */
const RETENTION_MS = 31 * 24 * 60 * 60 * 1000;

/** How tasks leave the queue: at once, and their names stay taken for a while. */
export class Retirement {
  constructor(
    private readonly tasks: TaskStore,
    private readonly tombstones: Tombstones,
    /** How long a name stays taken, in milliseconds. */
    private readonly tombstoneMs: number,
  ) {}

  /** Takes a task out: done, given up, deleted, purged or lost. */
  retire(stored: StoredTask, now: number): void {
    this.tombstones.set(stored.name, now + this.tombstoneMs);
    this.tasks.remove(stored.id);
  }

  /** Takes out every task of a queue. */
  retireAll(queue: string, now: number): void {
    this.tombstones.setForTasksOf(queue, now + this.tombstoneMs);
    this.tasks.removeAll(queue);
  }

  /** Takes out what has grown too old, tasks and names. */
  expire(now: number): void {
    for (const stored of this.tasks.createdUntil(now - RETENTION_MS)) this.retire(stored, now);
    this.tombstones.expire(now);
  }
}
