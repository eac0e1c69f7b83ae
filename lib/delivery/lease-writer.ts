import { keyText } from '../datastore/keys.js';
import { writeLock } from '../datastore/lock-properties.js';
import type { LockStore } from '../datastore/lock-store.js';
import type { Changes } from '../entity/entity-mapping.js';
import { overlay, type TrackedEntity } from '../entity/tracked-entity.js';
import type { KeyProto } from '../google/datastore-api.js';
import { standing, type LeaseIdentity } from '../lock/lease.js';
import type { Lock } from '../lock/lock.js';
import { LeaseLostError, OutcomeUnknownError } from '../locker.errors.js';
import type { Log } from '../system/log.js';

/** Writes an entity under a lease: only while the stored lock is still this lease's. */
export class LeaseWriter {
  constructor(
    private readonly store: LockStore,
    private readonly log: Log,
    readonly key: KeyProto,
    readonly lease: LeaseIdentity,
    private readonly tracked: TrackedEntity,
  ) {}

  /**
   * Lays changes over what is stored now and moves the lock on.
   *
   * @throws LeaseLostError when the lock is another's: nothing was written
   * @throws OutcomeUnknownError when it is another's after a commit that may have been applied
   */
  async write(changes: Changes, move: (lock: Lock, now: number) => Lock): Promise<Lock> {
    const { lock, conflicts } = await this.store.decide(this.key, (stored) => {
      const { entity, lock: before, now, inDoubt } = stored;
      const state = standing(before, this.lease);
      if (entity && before && state === 'held') {
        const moved = move(before, now);
        return {
          write: writeLock(overlay(entity, changes), moved),
          result: { lock: moved, conflicts: this.tracked.conflicts(changes, entity) },
        };
      }
      // Our own commit, whose answer was lost.
      if (before && state === 'settled') return { result: { lock: before, conflicts: [] } };
      const key = keyText(this.key);
      throw inDoubt ? new OutcomeUnknownError(key) : new LeaseLostError(key, this.lease.step);
    });
    if (conflicts.length > 0)
      this.log.warn(`The handler's values replaced those that others wrote meanwhile`, {
        key: keyText(this.key),
        properties: conflicts,
      });
    this.tracked.saved(changes);
    return lock;
  }
}
