import type { Operation, Operations } from '../fleet/operation.js';

/** One lease, from its acquire to its end. */
export interface LeaseRecord {
  readonly leaseId: string;
  readonly key: string;
  readonly run: string;
  readonly step: number;
  /** The delivery that acquired it. */
  readonly holder: Operation | undefined;
  state:
    | 'held'
    | 'settled'
    | 'taken over'
    | 'failed by another'
    | 'released by hand'
    | 'cancelled'
    | 'replaced'
    | 'set back';
  handler: 'not started' | 'running' | 'ended';
}

/** What has become of one step of one run. */
export interface StepRecord {
  /** How often its handler has started since it was last retried by hand. */
  starts: number;
  /** How many of those do not count as attempts: postponed or handed back. */
  free: number;
  /** Whether it has been advanced or completed. */
  isCommitted: boolean;
}

/** All commits that ever changed a lock, as far as the properties need them. Kept beside the store, so that no bug of the library's can change it. */
export class Ledger {
  readonly leases = new Map<string, LeaseRecord>();
  /** Every run id that was ever written, and whose entity it was. */
  readonly runs = new Map<string, string>();
  readonly failedRuns = new Set<string>();
  readonly alertedRuns = new Set<string>();
  /** The runs that were counted at their parents. */
  readonly arrivedRuns = new Set<string>();
  /** Start ids, and the runs they began, by entity. */
  readonly startIds = new Map<string, string>();
  /** Entities that somebody set back: their dispatch numbers come a second time. */
  readonly setBack = new Set<string>();
  /** Deliveries that have ended; duplicates of one attempt cannot be told apart. */
  private readonly ended = new Set<string>();
  commits = 0;
  /** How often somebody had a task created for a step that had one. */
  dispatchedByHand = 0;
  private readonly changers = new Map<string, readonly Operation[]>();
  private readonly steps = new Map<string, StepRecord>();

  constructor(private readonly operations: Pick<Operations, 'isLive'>) {}

  /** What is asked for again, in whatever order it was written down. */
  get mark(): string {
    const leases = this.openLeases.map(({ holder, ...lease }) => ({
      ...lease,
      holder: holder && { ...holder, number: undefined, changes: [...holder.changes] },
    }));
    const steps = [...this.steps].map(([id, step]) => (step.isCommitted ? [id] : [id, step]));
    const { runs, failedRuns, alertedRuns, arrivedRuns, startIds, setBack, ended } = this;
    const rest = [runs, failedRuns, alertedRuns, arrivedRuns, startIds, setBack, ended];
    const all = [leases, steps, ...rest.map((entries) => [...entries])];
    return all.map((entries) => entries.map((one) => JSON.stringify(one)).toSorted()).join('\n');
  }

  /** The last one of each entity, those that are held, and those whose holders may still do something. */
  private get openLeases(): LeaseRecord[] {
    const all = [...this.leases.values()];
    return all.filter(
      (lease, index) =>
        lease.state === 'held' ||
        (lease.holder && this.operations.isLive(lease.holder)) ||
        !all.some(({ key }, later) => later > index && key === lease.key),
    );
  }

  deliveryEnded(by: Operation): void {
    this.ended.add(attemptOf(by));
  }

  hasEnded(by: Operation): boolean {
    return this.ended.has(attemptOf(by));
  }

  /** An operation changed the lock of an entity. */
  changed(key: string, by: Operation): void {
    this.changers.set(key, [...(this.changers.get(key) ?? []), by]);
  }

  /** What was done to the lock of an entity is as if it had never been. */
  undo(key: string): void {
    for (const operation of this.changers.get(key) ?? []) operation.wasUndone = true;
    this.setBack.add(key);
  }

  /** The entity was set back to a step: it and those after it may come again. */
  forgetFrom(run: string, step: number): void {
    for (const id of this.steps.keys()) {
      const [of, number] = id.split(':');
      if (of === run && Number(number) >= step) this.steps.delete(id);
    }
    this.failedRuns.delete(run);
    this.alertedRuns.delete(run);
    this.arrivedRuns.delete(run);
  }

  step(run: string, step: number): StepRecord {
    const id = `${run}:${step}`;
    let record = this.steps.get(id);
    if (!record) {
      record = { starts: 0, free: 0, isCommitted: false };
      this.steps.set(id, record);
    }
    return record;
  }
}

function attemptOf({ task }: Operation): string {
  return `${task?.taskName}:${task?.retryCount}`;
}
