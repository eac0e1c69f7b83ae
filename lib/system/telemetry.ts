/** One delivery of a task, as it arrives. */
export interface DeliveryFacts {
  /** The entity's key, as people read it: `Order/5`. */
  readonly key: string;
  readonly kind: string;
  readonly namespace: string;
  /** The task's name, as given to `@LockedTask`. */
  readonly task: string;
  readonly queue: string;
  readonly run: string;
  readonly step: number;
  /** From when it was due to its arrival, milliseconds; undefined: the queue does not say. */
  readonly queueDelayMs: number | undefined;
  /** What `traceparent()` said when its task was created. */
  readonly createdBy: string | undefined;
}

/** What became of a delivery. */
export interface DeliveryEnd {
  /** How it was answered: `advanced`, `completed`, `released`, `stale`, `busy`, … */
  readonly outcome: string;
  /** The attempt of its step; undefined: it was not to run. */
  readonly attempt?: Attempt | undefined;
  /** What the attempt failed by. */
  readonly failure?: unknown;
}

/** One attempt of a step. */
export interface Attempt {
  /** 1, 2, 3, …; lost ones count. */
  readonly number: number;
  /** Whether the lease was taken from a holder that had gone silent. */
  readonly isTakeover: boolean;
  /** From the delivery's arrival until it had the lease, milliseconds. */
  readonly leaseWaitMs: number;
}

/** What a delivery consists of, and what else creates tasks. */
export interface Part {
  /**
   * `acquire`: the decision about a delivery. `handler`: the application's own work. `settle`: the commit that ends a
   * lease. `transact`: a transaction of the application's. `dispatch`: creating a task.
   */
  readonly name: 'acquire' | 'handler' | 'settle' | 'transact' | 'dispatch';
  readonly kind: string;
  readonly task: string;
}

/** What a sweep found. */
export interface SweepEnd {
  /** Chains that were overdue. */
  readonly seen: number;
  /** How late the oldest was, milliseconds. */
  readonly latestMs: number;
}

/**
 * Sees what this package does, by being put around it: each method but the last runs `work`, once, and ends as it does.
 * `openTelemetry()` of `nestjs-datastore-locker/telemetry` is one.
 */
export interface Telemetry {
  /** A delivery, from its arrival to its answer. */
  delivery<T extends DeliveryEnd>(facts: DeliveryFacts, work: () => Promise<T>): Promise<T>;
  /** A part of what is under way. */
  part<T>(part: Part, work: () => Promise<T>): Promise<T>;
  /** A sweep of a namespace. */
  sweep<T extends SweepEnd>(namespace: string, work: () => Promise<T>): Promise<T>;
  /** Where a task comes from that is created now, for its delivery to know; undefined: nothing is to be known. */
  traceparent(): string | undefined;
}

/** Sees nothing, and costs nothing. */
export const noTelemetry: Telemetry = {
  delivery: (_, work) => work(),
  part: (_, work) => work(),
  sweep: (_, work) => work(),
  traceparent: () => undefined,
};
