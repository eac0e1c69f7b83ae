import { keyText } from '../datastore/keys.js';
import { writeLock } from '../datastore/lock-properties.js';
import type { Decided, LockStore, Stored } from '../datastore/lock-store.js';
import type { LeaseTable } from '../delivery/lease-table.js';
import type { Obligations } from '../delivery/obligations.js';
import type { Lock, LockState } from '../lock/lock.js';
import { cancel, redispatch, releaseByHand, retry, runNow } from '../lock/operate.js';
import type { Terms } from '../lock/terms.js';
import { EntityNotFoundError, OutcomeUnknownError, RunStateError } from '../locker.errors.js';
import type { Entropy } from '../system/entropy.js';
import type { EntityAddress } from '../datastore/entity-address.js';

/** What came of an operation. */
export interface Operated {
  readonly run: string;
  /** Whether the step's task exists already; `false`: the sweep will create it. */
  readonly dispatched: boolean;
}

/** One thing that people do to a run. */
interface Operation {
  /** What the run is then, for messages. */
  readonly what: string;
  readonly decide: (lock: Lock, operationId: string, now: number, terms: Terms) => Lock | undefined;
  /** Whether it is meant for the step as it stands, and not for whatever the run has come to. */
  readonly isOfStep: boolean;
  /** The lease that it is meant for. */
  readonly leaseId?: string | undefined;
}

const operations = {
  retry: { what: 'retried', decide: retry, isOfStep: false },
  cancel: { what: 'cancelled', decide: cancel, isOfStep: false },
  runNow: { what: 'run now', decide: runNow, isOfStep: true },
  release: { what: 'released', decide: releaseByHand, isOfStep: true },
  redispatch: { what: 'dispatched again', decide: redispatch, isOfStep: true },
} satisfies Record<string, Operation>;

/** What people do to runs. All of it throws EntityNotFoundError, RunStateError and OutcomeUnknownError. */
export class Operator {
  constructor(
    private readonly store: LockStore,
    private readonly obligations: Obligations,
    private readonly leases: LeaseTable,
    private readonly entropy: Entropy,
    private readonly termsOf: (lock: Lock) => Terms,
  ) {}

  /** A failed run goes on at the step that failed. */
  async retry(address: EntityAddress): Promise<Operated> {
    return this.meet(address, await this.operate(address, operations.retry));
  }

  /**
   * A run ends where it is. Its handler's signal fires, here at once and elsewhere with its next renewal; what it
   * would settle is refused.
   */
  async cancel(address: EntityAddress): Promise<void> {
    await this.operate(address, operations.cancel);
    this.abort(address);
  }

  /** A step that is due later, or waits for arrivals, is due now. */
  async runNow(address: EntityAddress): Promise<Operated> {
    return this.meet(address, await this.operate(address, operations.runNow));
  }

  /** A held lease ends, as one that was lost. @param leaseId the one that is meant; undefined: whichever is held */
  async release(
    address: EntityAddress,
    leaseId?: string,
  ): Promise<Operated & { readonly state: LockState }> {
    const lock = await this.operate(address, { ...operations.release, leaseId });
    this.abort(address);
    return { ...(await this.meet(address, lock)), state: lock.state };
  }

  /** The task of a ready or held step is created anew. */
  async redispatch(address: EntityAddress): Promise<Operated> {
    const lock = await this.operate(address, operations.redispatch);
    return { run: lock.run, dispatched: await this.obligations.dispatch(address, lock, 'again') };
  }

  private async meet(address: EntityAddress, lock: Lock): Promise<Operated> {
    return { run: lock.run, dispatched: await this.obligations.meet(address, lock, 'first') };
  }

  private abort({ key }: EntityAddress): void {
    const text = keyText(key);
    for (const { holding } of this.leases.all)
      if (keyText(holding.tenure.address.key) === text) holding.abort('lost');
  }

  private operate({ key }: EntityAddress, operation: Operation): Promise<Lock> {
    const operationId = this.entropy.id();
    let firstSeen: Lock | undefined;
    return this.store.decide(key, ({ entity, lock, now, inDoubt }: Stored): Decided<Lock> => {
      const text = keyText(key);
      if (!entity || !lock) throw new EntityNotFoundError(text);
      if (lock.settledBy === operationId) return { result: lock };
      if (inDoubt && !isSame(lock, firstSeen, operation)) throw new OutcomeUnknownError(text);
      firstSeen = lock;
      const { leaseId, what, decide } = operation;
      const moved =
        leaseId === undefined || leaseId === lock.leaseId
          ? decide(lock, operationId, now, this.termsOf(lock))
          : undefined;
      if (!moved && inDoubt) throw new OutcomeUnknownError(text);
      if (!moved) throw new RunStateError(text, stateOf(lock, leaseId), what);
      return { write: writeLock(entity, moved), result: moved };
    });
  }
}

/** Whether a lock is still what an operation was first decided against. */
function isSame(lock: Lock, seen: Lock | undefined, { isOfStep }: Operation): boolean {
  if (lock.run !== seen?.run) return false;
  const { step, number, leaseId } = lock;
  return !isOfStep || (step === seen.step && number === seen.number && leaseId === seen.leaseId);
}

function stateOf({ state }: Lock, leaseId: string | undefined): string {
  return state === 'held' && leaseId !== undefined ? 'held by another lease by now' : state;
}
