import type { Key } from '@google-cloud/datastore';
import { createHash } from 'node:crypto';
import { keyFromProto, keyText } from '../datastore/keys.js';
import type { LockStore } from '../datastore/lock-store.js';
import type { Changes } from '../entity/entity-mapping.js';
import type { TrackedEntity } from '../entity/tracked-entity.js';
import { renew } from '../lock/lease.js';
import type { Lock } from '../lock/lock.js';
import { complete, type Settlement } from '../lock/settle.js';
import {
  AlreadySettledError,
  LeaseAbortedError,
  LeaseLostError,
  OutcomeUnknownError,
} from '../locker.errors.js';
import type { Clock } from '../system/clock.js';
import type { Log } from '../system/log.js';
import type { EntityAddress } from '../tasks/lock-key.js';
import type { TaskDefinition } from '../tasks/task-directory.js';
import type { TaskPlanner } from '../tasks/task-planner.js';
import { LeaseWatch } from './lease-watch.js';
import { LeaseWriter } from './lease-writer.js';
import { Lease, type NextOptions, type Scheduled } from './lease.js';
import { nextMove } from './next-step.js';
import type { Obligations } from './obligations.js';

/** How a lease stands: what its request is answered by. */
export type Standing =
  | { readonly state: 'held' }
  | { readonly state: 'settled'; readonly how: string; readonly lock: Lock; readonly met: boolean }
  | { readonly state: 'lost' }
  | { readonly state: 'unknown'; readonly error: OutcomeUnknownError };

/** What a lease was acquired on. */
export interface Tenure {
  readonly address: EntityAddress;
  readonly definition: TaskDefinition;
  /** The lock as the acquire committed it. */
  readonly lock: Lock;
  readonly tracked: TrackedEntity;
  readonly queue: string;
  /** When the acquire was sent, and when the request will be cut off, milliseconds since the epoch. */
  readonly acquiredAt: number;
  readonly deadline: number;
}

/** What leases work with. */
export interface LeaseTools {
  readonly store: LockStore;
  readonly planner: TaskPlanner;
  readonly obligations: Obligations;
  readonly clock: Clock;
  readonly log: Log;
}

/** A lease in the hands of this process. Its writes happen one after the other; the first settle ends it. */
export class HeldLease extends Lease {
  readonly key: Key;
  readonly run: string;
  readonly step: number;
  readonly attempt: number;
  readonly task: string;
  readonly queue: string;
  readonly idempotencyKey: string;
  readonly timedOut: boolean;
  readonly deadline: Date;

  private readonly watch: LeaseWatch;
  private readonly writer: LeaseWriter;
  private current: Standing = { state: 'held' };
  private isStarted = false;
  private isSettling = false;
  private settleError: unknown;
  private lastWrite: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly tenure: Tenure,
    private readonly tools: LeaseTools,
  ) {
    super();
    const { address, definition, lock, queue, deadline, acquiredAt, tracked } = tenure;
    this.key = keyFromProto(address.key);
    this.run = lock.run || lock.freshRun;
    this.step = lock.step;
    this.attempt = lock.tries + 1;
    this.task = definition.name;
    this.queue = queue;
    this.idempotencyKey = idempotencyKey(address, this.run, lock.step);
    this.timedOut = lock.timedOut;
    this.deadline = new Date(deadline);
    const identity = { run: lock.run, step: lock.step, leaseId: lock.leaseId };
    this.writer = new LeaseWriter(tools.store, tools.log, address.key, identity, tracked);
    const renews = lock.holder?.renews ?? false;
    const { leaseDuration, leaseTimeout } = definition.terms;
    const duration = renews ? leaseDuration : leaseTimeout;
    this.watch = new LeaseWatch(
      tools.clock,
      { duration, renews, deadline },
      keyText(address.key),
      () => this.renewIfHeld(),
      acquiredAt,
    );
  }

  /** Whether the handler itself was reached, past its pipes. */
  get hasStarted(): boolean {
    return this.isStarted;
  }

  get standing(): Standing {
    return this.current;
  }

  get signal(): AbortSignal {
    return this.watch.signal;
  }

  get timeLeftMs(): number {
    return this.tenure.deadline - this.tools.clock.now();
  }

  /** Why the handler's own settle was not to be had, if it was not. */
  get failure(): unknown {
    return this.settleError;
  }

  /** Why the signal fired, if it did. */
  get abortReason(): LeaseAbortedError | undefined {
    const reason: unknown = this.signal.reason;
    return reason instanceof LeaseAbortedError ? reason : undefined;
  }

  /** Whether so much of the lease is over that it must be renewed before a handler starts. */
  get isOld(): boolean {
    const { acquiredAt, definition } = this.tenure;
    return this.tools.clock.now() - acquiredAt > definition.terms.leaseDuration / 2;
  }

  next(task = this.task, options: NextOptions = {}): Promise<Scheduled> {
    return this.noted(async () => {
      const { planner } = this.tools;
      const { terms } = this.tenure.definition;
      const planned = planner.plan(this.tenure.address.key, task, options, this.queue);
      const { lock, met } = await this.settle(
        'advanced',
        nextMove(planned, options, terms),
        this.tenure.tracked.changes(),
      );
      return { run: lock.run, started: false, dispatched: met };
    });
  }

  complete(): Promise<void> {
    return this.noted(async () => {
      const { terms } = this.tenure.definition;
      await this.settle(
        'completed',
        (lock, settlement) => complete(lock, settlement, terms),
        this.tenure.tracked.changes(),
      );
    });
  }

  save(): Promise<void> {
    return observed(async () => this.touch(this.tenure.tracked.changes()));
  }

  renew(): Promise<void> {
    return observed(() => this.touch(new Map()));
  }

  /** Ends the lease in one commit, then does what the lock owes. */
  async settle(
    how: string,
    move: (lock: Lock, settlement: Settlement) => Lock,
    changes: Changes = new Map(),
  ): Promise<{ lock: Lock; met: boolean }> {
    this.mustBeOpen();
    this.isSettling = true;
    const { leaseId } = this.writer.lease;
    try {
      return await this.oneByOne(async () => {
        const lock = await this.write(changes, (before, now) => move(before, { leaseId, now }));
        this.watch.stop();
        const met = await this.tools.obligations.meet(this.tenure.address, lock, 'first');
        this.current = { state: 'settled', how, lock, met };
        return { lock, met };
      });
    } catch (error) {
      if (error instanceof OutcomeUnknownError) this.current = { state: 'unknown', error };
      throw error;
    } finally {
      this.isSettling = false;
    }
  }

  /** The handler itself is reached. */
  start(): void {
    this.isStarted = true;
  }

  /** Fires the signal from outside. */
  abort(reason: 'shutdown' | 'unsubscribed'): void {
    this.watch.abort(reason);
  }

  /** Resolves when no write is under way any more. */
  async idle(): Promise<void> {
    let seen: unknown;
    while (seen !== this.lastWrite) {
      seen = this.lastWrite;
      await this.lastWrite;
    }
  }

  /** Ends the timers; the lease is settled, lost, or left to be taken over. */
  stop(): void {
    this.watch.stop();
  }

  /** A settle of the handler's, whether it waits for it or not. */
  private noted<T>(settle: () => Promise<T>): Promise<T> {
    const result = settle();
    result.catch((error: unknown) => {
      this.settleError ??= error;
    });
    return result;
  }

  private async touch(changes: Changes): Promise<void> {
    this.mustBeOpen();
    await this.oneByOne(async () => {
      const sentAt = this.tools.clock.now();
      const { terms } = this.tenure.definition;
      await this.write(changes, (lock, now) => renew(lock, now, terms));
      this.watch.renewed(sentAt);
    });
  }

  /** The renewal of the watch: false when the lease is lost. */
  private async renewIfHeld(): Promise<boolean> {
    if (this.current.state !== 'held' || this.isSettling) return true;
    try {
      await this.touch(new Map());
      return true;
    } catch (error) {
      if (error instanceof LeaseLostError) return false;
      throw error;
    }
  }

  private async write(changes: Changes, move: (lock: Lock, now: number) => Lock): Promise<Lock> {
    try {
      return await this.writer.write(changes, move);
    } catch (error) {
      if (error instanceof LeaseLostError) {
        this.current = { state: 'lost' };
        this.watch.abort('lost');
      }
      throw error;
    }
  }

  private mustBeOpen(): void {
    const key = keyText(this.tenure.address.key);
    if (this.current.state === 'lost') throw new LeaseLostError(key, this.step);
    if (this.current.state === 'unknown') throw this.current.error;
    if (this.isSettling || this.current.state === 'settled')
      throw new AlreadySettledError(key, this.step);
  }

  private oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const result = this.lastWrite.then(work);
    this.lastWrite = result.catch(() => undefined);
    return result;
  }
}

function idempotencyKey({ projectId, databaseId, key }: EntityAddress, run: string, step: number) {
  return createHash('sha256')
    .update(JSON.stringify([projectId, databaseId, keyText(key), run, step]))
    .digest('hex');
}

/** What a handler does not wait for is waited for, and must not end the process when it fails. */
function observed<T>(work: () => Promise<T>): Promise<T> {
  const result = work();
  result.catch(() => undefined);
  return result;
}
