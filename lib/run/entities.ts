import type { Database } from '../datastore/database.js';
import { keyText } from '../datastore/keys.js';
import type { Transactions } from '../datastore/transactions.js';
import type { EntityClass, LockedEntity } from '../entity/entity-class.js';
import type { EntityTracker } from '../entity/entity-tracker.js';
import { overlay } from '../entity/tracked-entity.js';
import type { KeyProto } from '../google/datastore-api.js';
import { EntityNotFoundError, OutcomeUnknownError } from '../locker.errors.js';

/** Reads and changes entities without touching their locks. */
export class Entities {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly tracker: EntityTracker,
  ) {}

  /** The entity as it is stored; undefined: there is none. */
  async get<E extends LockedEntity>(type: EntityClass<E>, key: KeyProto): Promise<E | undefined> {
    const { entities } = await this.transactions.read(keyText(key), [key]);
    const [entity] = entities;
    return entity && this.tracker.load(type, entity).instance;
  }

  /** A new id for an incomplete key. */
  async allocateId(key: KeyProto): Promise<string> {
    const { api, projectId, databaseId } = this.database;
    const { keys } = await this.transactions.run(keyText(key), () =>
      api.allocateIds({ projectId, databaseId, keys: [key] }),
    );
    return String(keys?.[0]?.path?.at(-1)?.id);
  }

  /**
   * Changes an entity in a transaction; `change` runs again, on a fresh copy, when somebody else wrote it meanwhile.
   *
   * @throws EntityNotFoundError, ContentionError, OutcomeUnknownError
   */
  async update<E extends LockedEntity>(
    type: EntityClass<E>,
    key: KeyProto,
    change: (entity: E) => void | Promise<void>,
  ): Promise<E> {
    const subject = keyText(key);
    return this.transactions.run(subject, async (transaction, { inDoubt }) => {
      // Nothing in the entity would tell whether the change is in it already.
      if (inDoubt) throw new OutcomeUnknownError(subject);
      const [stored] = await transaction.lookup([key]);
      if (!stored) throw new EntityNotFoundError(subject);
      const tracked = this.tracker.load(type, stored);
      await change(tracked.instance);
      const changes = tracked.changes();
      if (changes.size > 0) await transaction.commit([{ upsert: overlay(stored, changes) }]);
      tracked.saved(changes);
      return tracked.instance;
    });
  }
}
