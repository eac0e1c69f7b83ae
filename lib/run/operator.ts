import { keyText } from '../datastore/keys.js';
import { writeLock } from '../datastore/lock-properties.js';
import type { Decided, LockStore, Stored } from '../datastore/lock-store.js';
import type { LeaseTable } from '../delivery/lease-table.js';
import type { Obligations } from '../delivery/obligations.js';
import type { Lock } from '../lock/lock.js';
import { cancel, retry } from '../lock/operate.js';
import type { Terms } from '../lock/terms.js';
import { EntityNotFoundError, OutcomeUnknownError, RunStateError } from '../locker.errors.js';
import type { Entropy } from '../system/entropy.js';
import type { EntityAddress } from '../datastore/entity-address.js';

type Operation = (lock: Lock, operationId: string, now: number, terms: Terms) => Lock | undefined;

/** What people do to runs. */
export class Operator {
  constructor(
    private readonly store: LockStore,
    private readonly obligations: Obligations,
    private readonly leases: LeaseTable,
    private readonly entropy: Entropy,
    private readonly terms: Terms,
  ) {}

  /**
   * A failed run goes on at the step that failed. Resolves to whether its task exists already.
   *
   * @throws EntityNotFoundError, RunStateError, OutcomeUnknownError
   */
  async retry(address: EntityAddress): Promise<{ run: string; dispatched: boolean }> {
    const lock = await this.operate(address, 'retried', retry);
    return { run: lock.run, dispatched: await this.obligations.meet(address, lock, 'first') };
  }

  /**
   * A run ends where it is. Its handler's signal fires, here at once and elsewhere with its next renewal; what it
   * would settle is refused.
   *
   * @throws EntityNotFoundError, RunStateError, OutcomeUnknownError
   */
  async cancel(address: EntityAddress): Promise<void> {
    await this.operate(address, 'cancelled', cancel);
    const text = keyText(address.key);
    for (const { holding } of this.leases.all)
      if (keyText(holding.tenure.address.key) === text) holding.abort('lost');
  }

  private operate({ key }: EntityAddress, what: string, operation: Operation): Promise<Lock> {
    const operationId = this.entropy.id();
    let firstSeen: string | undefined;
    return this.store.decide(key, ({ entity, lock, now, inDoubt }: Stored): Decided<Lock> => {
      const text = keyText(key);
      if (!entity || !lock) throw new EntityNotFoundError(text);
      if (lock.settledBy === operationId) return { result: lock };
      if (inDoubt && lock.run !== firstSeen) throw new OutcomeUnknownError(text);
      firstSeen = lock.run;
      const moved = operation(lock, operationId, now, this.terms);
      if (!moved && inDoubt) throw new OutcomeUnknownError(text);
      if (!moved) throw new RunStateError(text, lock.state, what);
      return { write: writeLock(entity, moved), result: moved };
    });
  }
}
