import { entriesOf, type HistoryEntry } from './history.js';

/** What a lock is doing; see the table of states in docs/protocol.md. */
export type LockState =
  'idle' | 'ready' | 'waiting' | 'held' | 'completed' | 'failed' | 'cancelled';

/** The task of the step that is due or running: enough to create it again. Kept by name, never by address. */
export interface StoredTask {
  readonly name: string;
  readonly queue: string;
  /** The request body as it is sent, at most 32 KiB; absent: empty. */
  readonly body?: string | undefined;
  /** The body's content type. */
  readonly type?: string | undefined;
  /** Not before this moment, milliseconds since the epoch; absent: at once. */
  readonly at?: number | undefined;
}

/** A task as it is asked for: its time may be said from the moment that it is stored. */
export interface PlannedTask extends StoredTask {
  /** Milliseconds, instead of `at`. */
  readonly delay?: number | undefined;
}

/** Who holds the lease, as far as a later observer can make use of it. */
export interface Holder {
  /** When the lease was acquired, milliseconds since the epoch. */
  readonly since: number;
  /** Whether this holder renews its lease while it runs. */
  readonly renews: boolean;
  readonly task?: string | undefined;
  /** The short name of the queue that delivered the task. */
  readonly queue?: string | undefined;
  readonly retryCount?: number | undefined;
  readonly requestId?: string | undefined;
  readonly trace?: string | undefined;
  readonly instance?: string | undefined;
}

/**
 * The lock on one entity: which run, which step, who holds it, and what is owed to it. Immutable; every
 * transition returns a new one. A lock with nothing set is idle.
 */
export class Lock {
  /** When a lease was last acquired, renewed, saved or settled, milliseconds since the epoch. */
  readonly timestamp: number | undefined;
  /** The lease id of the holder; empty: free. */
  readonly leaseId: string = '';
  /** The step now due or running; 0: never scheduled; -1: completed. */
  readonly step: number = 0;
  /** Attempts of this step that failed or were lost. */
  readonly tries: number = 0;
  /** The run's random id; empty for entities of the Go library. */
  readonly run: string = '';
  /** The run id that the first settle gives to a lock of the Go library; empty: it has one. */
  readonly freshRun: string = '';
  /** When the sweep must look, milliseconds since the epoch. Set exactly while something is owed. */
  readonly due: number | undefined;
  readonly task: StoredTask | undefined;
  /** The present dispatch number of this step. It restarts only with a new step. */
  readonly number: number = 0;
  /** Tasks of this step with a lower number are superseded. */
  readonly firstNumber: number = 0;
  /** How often the sweep has looked at this step since it was last acquired or settled. */
  readonly looks: number = 0;
  /** How many of those times the sweep dispatched it. */
  readonly missed: number = 0;
  /** How often this step has been postponed. */
  readonly postponed: number = 0;
  /** Arrivals the waiting step still lacks; below 0: arrivals that came before anybody waited. */
  readonly arrivals: number = 0;
  /** Whether this step began because its deadline passed before all arrivals had come. */
  readonly timedOut: boolean = false;
  /** The Google Cloud project the lock was written in; data restored elsewhere is left alone. */
  readonly project: string = '';
  /** The start id that the caller of this run gave. */
  readonly startId: string | undefined;
  /** The lease id of the last settle, or the id of the operation that did the like. */
  readonly settledBy: string | undefined;
  readonly holder: Holder | undefined;
  readonly end: 'failed' | 'cancelled' | undefined;
  /** The last error of this step, bounded. */
  readonly error: string | undefined;
  /** The last transitions as they are stored, a line of JSON each: most of the time nobody reads them. */
  readonly log: string = '';

  constructor(fields: Partial<LockFields> = {}, base?: Lock) {
    Object.assign(this, base, fields);
  }

  /** How the run stands, in one word. */
  get state(): LockState {
    if (this.step === -1) return 'completed';
    if (this.end) return this.end;
    if (this.leaseId !== '') return 'held';
    if (this.step === 0) return 'idle';
    return this.arrivals > 0 ? 'waiting' : 'ready';
  }

  /** Whether a run is under way. */
  get active(): boolean {
    return this.state === 'ready' || this.state === 'waiting' || this.state === 'held';
  }

  /** The last transitions, as many as `historyLength`, the last one last. */
  get history(): readonly HistoryEntry[] {
    return entriesOf(this.log);
  }

  /** The Go library let an entity wait for its first task at step 0, and marked it by its timestamp alone; its zero is the year 1. */
  get awaitsFirstTask(): boolean {
    return this.state === 'idle' && (this.timestamp ?? 0) > 0;
  }

  /** This lock with some fields replaced. */
  with(changes: Partial<LockFields>): Lock {
    return new Lock(changes, this);
  }
}

/** What a lock consists of. */
export type LockFields = Omit<Lock, 'state' | 'active' | 'history' | 'awaitsFirstTask' | 'with'>;
