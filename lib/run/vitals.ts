import { dueShards, readLock } from '../datastore/lock-properties.js';
import { Status, statusOf } from '../google/status.js';
import type { TasksApi } from '../google/tasks-api.js';
import type { Collection, LockIndex } from '../sweep/lock-index.js';
import type { SweepSchedule } from '../sweep/sweep-schedule.js';
import type { Clock } from '../system/clock.js';

/** What tells whether chains can go on. */
export interface Vitals {
  /** When that was so. */
  readonly seenAt: Date;
  /** Chains that the sweep should have dealt with by now. */
  readonly overdue: number;
  /** How late the oldest of them is, milliseconds; 0: none is. It grows while no sweep runs. */
  readonly oldestMs: number;
  /** The queues of first steps and of sweeps, by their short names. */
  readonly queues: Readonly<Record<string, QueueCondition>>;
  /** Namespaces in which something is owed, and no sweep is to come. None where the option `sweep` is `false`. */
  readonly unswept: readonly string[];
}

/** `MISSING`: there is no such queue. `UNKNOWN`: this application may not ask; it needs `roles/cloudtasks.viewer`. */
export type QueueCondition = 'RUNNING' | 'PAUSED' | 'DISABLED' | 'MISSING' | 'UNKNOWN';

/** What is looked after. */
interface Wards {
  readonly namespaces: readonly string[];
  readonly kinds: () => readonly string[];
  /** Full names, by their short ones. */
  readonly queues: ReadonlyMap<string, string>;
}

/** Looks whether chains can go on. It writes nothing; a healthy application costs it nine small queries for each kind. */
export class VitalSigns {
  /** @param schedule undefined: nothing is swept but by `recover()` */
  constructor(
    private readonly index: LockIndex,
    private readonly tasks: Pick<TasksApi, 'getQueue'>,
    private readonly schedule: Pick<SweepSchedule, 'isComing'> | undefined,
    private readonly clock: Clock,
    private readonly wards: Wards,
  ) {}

  /** @throws the error of Datastore or Cloud Tasks */
  async take(): Promise<Vitals> {
    const now = this.clock.now();
    const [late, queues, unswept] = await Promise.all([
      Promise.all(this.collections().map((where) => this.late(where, now))),
      Promise.all(
        [...this.wards.queues].map(async ([id, name]) => [id, await this.queue(name)] as const),
      ),
      Promise.all(this.wards.namespaces.map((namespace) => this.isUnswept(namespace))),
    ]);
    return {
      seenAt: new Date(now),
      overdue: late.reduce((sum, { overdue }) => sum + overdue, 0),
      oldestMs: Math.max(0, ...late.map(({ oldestMs }) => oldestMs)),
      queues: Object.fromEntries(queues),
      unswept: this.wards.namespaces.filter((_, index) => unswept[index]),
    };
  }

  private collections(namespaces = this.wards.namespaces): Collection[] {
    return namespaces.flatMap((namespace) =>
      this.wards.kinds().map((kind) => ({ namespace, kind })),
    );
  }

  /** Counted only where there is anything to count. */
  private async late(
    where: Collection,
    now: number,
  ): Promise<{ overdue: number; oldestMs: number }> {
    const shards = Array.from({ length: dueShards }, (_, shard) => shard);
    const pages = await Promise.all(shards.map((shard) => this.index.due(where, shard, now, 1)));
    const dues = pages.flatMap(({ entities }) =>
      entities.flatMap((one) => readLock(one)?.due ?? now),
    );
    if (dues.length === 0) return { overdue: 0, oldestMs: 0 };
    const { overdue } = await this.index.count(where, now);
    return { overdue, oldestMs: now - Math.min(...dues) };
  }

  private async queue(name: string): Promise<QueueCondition> {
    try {
      const { state } = await this.tasks.getQueue({ name });
      return !state || state === 'STATE_UNSPECIFIED' ? 'UNKNOWN' : state;
    } catch (error) {
      const status = statusOf(error);
      if (status === Status.NOT_FOUND) return 'MISSING';
      if (status === Status.PERMISSION_DENIED) return 'UNKNOWN';
      throw error;
    }
  }

  private async isUnswept(namespace: string): Promise<boolean> {
    if (!this.schedule || (await this.schedule.isComing(namespace))) return false;
    for (const where of this.collections([namespace]))
      if ((await this.index.owing(where, 1)).entities.length > 0) return true;
    return false;
  }
}
