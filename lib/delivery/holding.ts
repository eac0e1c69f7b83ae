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
  TransactionUnderWayError,
} from '../locker.errors.js';
import type { Clock } from '../system/clock.js';
import type { Log } from '../system/log.js';
import type { Part, Telemetry } from '../system/telemetry.js';
import type { EntityAddress } from '../datastore/entity-address.js';
import type { TaskDefinition } from '../tasks/task-directory.js';
import { partOf } from './delivery-facts.js';
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

/** What a transaction came to, and what it did to the lease: ended it, renewed it, or nothing. */
export interface Transacted<T> {
  readonly result: T;
  readonly lease?: { readonly how: string | undefined; readonly lock: Lock } | undefined;
}

/** What holdings work with. */
export interface HoldingTools {
  readonly store: LockStore;
  readonly obligations: Obligations;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
}

/** A lease in the hands of this process. Its writes happen one after the other; the first settle ends it. */
export class Holding {
  private readonly watch: LeaseWatch;
  private readonly writer: LeaseWriter;
  private readonly key: string;
  private current: Standing = { state: 'held' };
  private underWay: 'settling' | 'transacting' | undefined;
  private lastWrite: Promise<unknown> = Promise.resolve();
  /** When the last acquire or renewal that succeeded was sent, milliseconds since the epoch. */
  private provenAt: number;

  constructor(
    readonly tenure: Tenure,
    private readonly tools: HoldingTools,
  ) {
    const { address, definition, lock, tracked, acquiredAt, deadline } = tenure;
    const { leaseDuration, leaseTimeout } = definition.terms;
    const renews = lock.holder?.renews ?? false;
    this.key = keyText(address.key);
    this.provenAt = acquiredAt;
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
    const { leaseDuration } = this.tenure.definition.terms;
    return this.tools.clock.now() - this.provenAt > leaseDuration / 2;
  }

  /** Ends the lease in one commit, then does what the lock owes. */
  async settle(
    how: string,
    move: (lock: Lock, settlement: Settlement) => Lock,
    changes: Changes = new Map(),
  ): Promise<{ lock: Lock; met: boolean }> {
    this.mustBeOpen();
    const { leaseId } = this.tenure.lock;
    return this.alone('settling', async () => {
      const lock = await this.part('settle', () =>
        this.writer.write(changes, (before, now) => move(before, { leaseId, now })),
      );
      return { lock, met: await this.ended(how, lock) };
    });
  }

  /** Stores changes without ending the lease, which counts anew from now. */
  async touch(changes: Changes): Promise<void> {
    this.mustBeOpen();
    const { terms } = this.tenure.definition;
    await this.alone('touching', async () => {
      const sentAt = this.tools.clock.now();
      await this.writer.write(changes, (lock, now) => renew(lock, now, terms));
      this.provenAt = sentAt;
      this.watch.renewed(sentAt);
    });
  }

  /** Runs a transaction over several entities, which may end this lease or count as its renewal. */
  async transact<T>(transaction: () => Promise<Transacted<T>>): Promise<T> {
    this.mustBeOpen();
    return this.alone('transacting', async () => {
      const sentAt = this.tools.clock.now();
      const { result, lease } = await this.part('transact', transaction);
      if (lease?.how) await this.ended(lease.how, lease.lock);
      else if (lease) this.watch.renewed(sentAt);
      return result;
    });
  }

  /** Fires the signal from outside. */
  abort(reason: LeaseAbortedError['reason']): void {
    this.watch.abort(reason);
  }

  /** A settle may have been applied or not: nobody must settle again, or call the lease lost. */
  doubt(error: OutcomeUnknownError): void {
    this.current = { state: 'unknown', error };
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

  /** The renewal of the watch: false when the lease is lost. It waits for other writes. */
  private async renewIfHeld(): Promise<boolean> {
    await this.idle();
    if (this.current.state !== 'held') return true;
    try {
      await this.touch(new Map());
      return true;
    } catch (error) {
      if (error instanceof LeaseLostError) return false;
      throw error;
    }
  }

  private async ended(how: string, lock: Lock): Promise<boolean> {
    this.watch.stop();
    const met = await this.tools.obligations.meet(this.tenure.address, lock, 'first');
    this.current = { state: 'settled', how, lock, met };
    return met;
  }

  /** One write after the other; how a write fails is how the lease stands. */
  private async alone<T>(
    kind: 'settling' | 'transacting' | 'touching',
    write: () => Promise<T>,
  ): Promise<T> {
    if (kind !== 'touching') this.underWay = kind;
    const result = this.lastWrite.then(write);
    this.lastWrite = result.catch(() => undefined);
    try {
      return await result;
    } catch (error) {
      if (error instanceof LeaseLostError) {
        // A renewal finds the lease gone also when a settle in doubt has ended it.
        if (this.current.state === 'held') this.current = { state: 'lost' };
        this.watch.abort('lost');
      }
      if (error instanceof OutcomeUnknownError && kind === 'settling') this.doubt(error);
      throw error;
    } finally {
      if (kind !== 'touching') this.underWay = undefined;
    }
  }

  private part<T>(name: Part['name'], work: () => Promise<T>): Promise<T> {
    return this.tools.telemetry.part(partOf(this.tenure.definition, name), work);
  }

  private mustBeOpen(): void {
    const { step } = this.tenure.lock;
    if (this.current.state === 'lost') throw new LeaseLostError(this.key, step);
    if (this.current.state === 'unknown') throw this.current.error;
    if (this.underWay === 'transacting') throw new TransactionUnderWayError(this.key, step);
    if (this.underWay === 'settling' || this.current.state === 'settled')
      throw new AlreadySettledError(this.key, step);
  }
}
