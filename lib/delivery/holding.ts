import { keyText } from '../datastore/keys.js';
import type { LockStore } from '../datastore/lock-store.js';
import type { Changes } from '../entity/entity-mapping.js';
import type { TrackedEntity } from '../entity/tracked-entity.js';
import { renew } from '../lock/lease.js';
import type { Lock } from '../lock/lock.js';
import type { Settlement } from '../lock/settle.js';
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
import { LeaseWatch } from './lease-watch.js';
import { LeaseWriter } from './lease-writer.js';
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
  /** The queue that delivered the task. */
  readonly queue: string;
  /** When the acquire was sent, and when the request will be cut off, milliseconds since the epoch. */
  readonly acquiredAt: number;
  readonly deadline: number;
}

/** What holdings work with. */
export interface HoldingTools {
  readonly store: LockStore;
  readonly obligations: Obligations;
  readonly clock: Clock;
  readonly log: Log;
}

/** A lease in the hands of this process. Its writes happen one after the other; the first settle ends it. */
export class Holding {
  private readonly watch: LeaseWatch;
  private readonly writer: LeaseWriter;
  private readonly key: string;
  private current: Standing = { state: 'held' };
  private isSettling = false;
  private lastWrite: Promise<unknown> = Promise.resolve();

  constructor(
    readonly tenure: Tenure,
    private readonly tools: HoldingTools,
  ) {
    const { address, definition, lock, tracked, acquiredAt, deadline } = tenure;
    const { leaseDuration, leaseTimeout } = definition.terms;
    const renews = lock.holder?.renews ?? false;
    this.key = keyText(address.key);
    this.writer = new LeaseWriter(tools.store, tools.log, address.key, lock, tracked);
    this.watch = new LeaseWatch(
      tools.clock,
      { duration: renews ? leaseDuration : leaseTimeout, renews, deadline },
      this.key,
      () => this.renewIfHeld(),
      acquiredAt,
    );
  }

  get standing(): Standing {
    return this.current;
  }

  get signal(): AbortSignal {
    return this.watch.signal;
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

  /** Ends the lease in one commit, then does what the lock owes. */
  async settle(
    how: string,
    move: (lock: Lock, settlement: Settlement) => Lock,
    changes: Changes = new Map(),
  ): Promise<{ lock: Lock; met: boolean }> {
    this.mustBeOpen();
    this.isSettling = true;
    const { leaseId } = this.tenure.lock;
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

  /** Stores changes without ending the lease, which counts anew from now. */
  async touch(changes: Changes): Promise<void> {
    this.mustBeOpen();
    await this.oneByOne(async () => {
      const sentAt = this.tools.clock.now();
      const { terms } = this.tenure.definition;
      await this.write(changes, (lock, now) => renew(lock, now, terms));
      this.watch.renewed(sentAt);
    });
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

  /** Ends the timers: the lease is settled, lost, or left to be taken over. */
  stop(): void {
    this.watch.stop();
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
    const { step } = this.tenure.lock;
    if (this.current.state === 'lost') throw new LeaseLostError(this.key, step);
    if (this.current.state === 'unknown') throw this.current.error;
    if (this.isSettling || this.current.state === 'settled')
      throw new AlreadySettledError(this.key, step);
  }

  private oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const result = this.lastWrite.then(work);
    this.lastWrite = result.catch(() => undefined);
    return result;
  }
}
