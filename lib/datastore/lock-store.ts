import type { EntityProto, KeyProto } from '../google/datastore-api.js';
import type { Lock } from '../lock/lock.js';
import type { Clock } from '../system/clock.js';
import type { Arming } from './arming.js';
import { keyText } from './keys.js';
import { readLock } from './lock-properties.js';
import type { Transactions } from './transactions.js';

/** What is stored under a key, as of one moment of Datastore's clock. */
export interface Stored {
  readonly entity: EntityProto | undefined;
  readonly lock: Lock | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether an earlier commit of the same decision may have been applied. */
  readonly inDoubt: boolean;
}

/** What a decision comes to: an entity to store or nothing, and what to tell. */
export interface Decided<T> {
  readonly write?: EntityProto | undefined;
  readonly result: T;
}

/** Decides on one lock at a time: read, decide, write, all or nothing. */
export class LockStore {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly arming: Arming,
  ) {}

  /** Runs a pure decision in a transaction; again on a conflict, with what is stored then. */
  async decide<T>(key: KeyProto, decision: (stored: Stored) => Decided<T>): Promise<T> {
    const namespace = key.partitionId?.namespaceId ?? '';
    try {
      return await this.transactions.run(keyText(key), async (transaction, { inDoubt }) => {
        // With every try: a process that was stopped before this one may have missed the sweep that it armed for the last.
        await this.arming.arm(namespace);
        const [entity] = await transaction.lookup([key]);
        const lock = entity && readLock(entity);
        const decided = decision({ entity, lock, now: transaction.now, inDoubt });
        if (decided.write) await transaction.commit([{ upsert: decided.write }]);
        return decided.result;
      });
    } finally {
      // Costs a call only when the time slot has changed meanwhile: then the sweep armed before may come too early. Also
      // where the outcome is unknown, for what was written may yet be applied.
      await this.arming.arm(namespace);
    }
  }

  /** Reads without a transaction, so that nobody has to wait for it. */
  async peek(key: KeyProto): Promise<Stored> {
    const { entities, readAt } = await this.transactions.read(keyText(key), [key]);
    const [entity] = entities;
    const lock = entity && readLock(entity);
    return { entity, lock, now: readAt ?? this.clock.now(), inDoubt: false };
  }
}
