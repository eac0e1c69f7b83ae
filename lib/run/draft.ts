import { readLock, writeLock } from '../datastore/lock-properties.js';
import type { LockedEntity } from '../entity/entity-class.js';
import type { Content } from '../entity/entity-tracker.js';
import type { EntityProto, KeyProto, MutationProto } from '../google/datastore-api.js';
import type { Lock } from '../lock/lock.js';

/** An entity on its way through a transaction. */
export interface Stage {
  /** Undefined: there is none. */
  readonly entity: EntityProto | undefined;
  readonly lock: Lock | undefined;
}

/** One thing that a transaction does to an entity. What it refuses, it throws. */
export type Operation = (stage: Stage, now: number) => Stage;

/** What a transaction is about to do with one entity. */
export class Draft {
  /** The instance that the transaction's reads of this key return. */
  instance: LockedEntity | undefined;
  private readonly operations: Operation[] = [];
  private read: { readonly entity: EntityProto | undefined } | undefined;

  constructor(readonly key: KeyProto) {}

  get isRead(): boolean {
    return this.read !== undefined;
  }

  get isTouched(): boolean {
    return this.operations.length > 0;
  }

  /** What is stored; undefined: nothing, or it was not read yet. */
  get stored(): EntityProto | undefined {
    return this.read?.entity;
  }

  /** What is stored has been read. */
  found(entity: EntityProto | undefined): void {
    this.read = { entity };
  }

  /** Does one more thing, after all before it. */
  add(operation: Operation): void {
    this.operations.push(operation);
  }

  /** What all operations come to: a write or none, and the lock where they moved it. */
  result(now: number): { mutation?: MutationProto; moved?: Lock } {
    const before: Stage = { entity: this.stored, lock: this.stored && readLock(this.stored) };
    const { entity, lock } = this.operations.reduce((stage, next) => next(stage, now), before);
    if (entity === before.entity && lock === before.lock) return {};
    if (!entity) return this.stored ? { mutation: { delete: this.key } } : {};
    if (!lock || lock === before.lock) return { mutation: { upsert: entity } };
    return { mutation: { upsert: writeLock(entity, lock) }, moved: lock };
  }
}

/** Stores a content. */
export function saving(content: Content): Operation {
  return ({ entity, lock }) => ({ entity: content(entity), lock });
}

/** Deletes the entity and its lock. */
export function deleting(): Operation {
  return () => ({ entity: undefined, lock: undefined });
}
