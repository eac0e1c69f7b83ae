/** What the API tells and the page shows. All times are milliseconds since the epoch. */

/** One chain: see `Lock` for what its properties mean. */
export interface ChainJson {
  readonly key: string;
  readonly kind: string;
  readonly namespace: string;
  readonly state: 'idle' | 'ready' | 'waiting' | 'held' | 'completed' | 'failed' | 'cancelled';
  readonly isOverdue: boolean;
  readonly seenAt: number;
  /** When the lease of a silent holder may be taken over. */
  readonly takeableAt?: number | undefined;
  readonly run: string;
  readonly step: number;
  readonly tries: number;
  readonly postponed: number;
  readonly number: number;
  readonly missed: number;
  readonly arrivals: number;
  readonly task?: string | undefined;
  readonly queue?: string | undefined;
  readonly at?: number | undefined;
  readonly due?: number | undefined;
  readonly timestamp?: number | undefined;
  readonly leaseId: string;
  readonly holder?: HolderJson | undefined;
  readonly error?: string | undefined;
  readonly history: readonly TransitionJson[];
  /** What the application shows of the entity. */
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
}

/** Who holds a lease. */
export interface HolderJson {
  readonly since: number;
  readonly renews: boolean;
  readonly instance?: string | undefined;
  readonly requestId?: string | undefined;
  readonly trace?: string | undefined;
  readonly retryCount?: number | undefined;
}

/** One past transition. */
export interface TransitionJson {
  readonly at: number;
  readonly step: number;
  readonly attempt: number;
  readonly outcome: string;
  readonly ms?: number | undefined;
}

/** A page of chains, and where it goes on; without a cursor it is at its end. */
export interface PageJson {
  readonly chains: readonly ChainJson[];
  readonly cursor?: string | undefined;
}

/** How many chains of a kind and namespace are how: see `ChainCounts`. */
export interface CountsJson {
  readonly kind: string;
  readonly namespace: string;
  readonly owing: number;
  readonly overdue: number;
  readonly failed: number;
  readonly ready: number;
  readonly waiting: number;
  readonly held: number;
  readonly failedLately: number;
  readonly isComplete: boolean;
}

/** All that the overview shows. */
export interface SnapshotJson {
  readonly at: number;
  readonly realm: { readonly projectId: string; readonly location: string };
  readonly kinds: readonly string[];
  readonly namespaces: readonly string[];
  readonly counts: readonly CountsJson[];
  /** Combinations of kind and namespace that were left out, because there are too many. */
  readonly leftOut: number;
  /** The oldest of what is overdue. */
  readonly overdue: readonly ChainJson[];
  /** The latest of the failed runs that were read. */
  readonly failed: readonly ChainJson[];
  /** What is due next, of the ready steps that were read. */
  readonly next: readonly ChainJson[];
  /** Attempts that ended in this process in each of the last 60 seconds, oldest first. */
  readonly pace: readonly number[];
  readonly hasEmulator: boolean;
}

/** The emulator's queues. */
export interface EmulatorJson {
  readonly queues: readonly QueueJson[];
}

/** A queue, and the first of its tasks. */
export interface QueueJson {
  readonly name: string;
  readonly state: string;
  readonly perSecond?: number | undefined;
  readonly atOnce?: number | undefined;
  readonly hasMore: boolean;
  readonly tasks: readonly TaskJson[];
}

/** A task of the emulator. */
export interface TaskJson {
  readonly name: string;
  readonly path: string;
  readonly at: number;
  readonly dispatches: number;
  readonly last?: string | undefined;
}

/** What came of an action. */
export interface OutcomeJson {
  readonly run?: string;
  readonly state?: string;
  readonly dispatched?: boolean;
}
