import type { Key } from '@google-cloud/datastore';
import { DeclarationError } from '../locker.errors.js';
import type { EntityClass, LockedEntity } from './entity-class.js';

/** A key of the official client that knows whose entities it names. */
export type EntityKey<E extends LockedEntity = LockedEntity> = Key & { readonly entity?: E };

/** The entity classes of an application, by kind. */
export class EntityClasses {
  private readonly byKind = new Map<string, EntityClass>();

  /** @param declared finds the class that a task declares for a kind */
  constructor(private readonly declared: (kind: string) => EntityClass | undefined) {}

  add(type: EntityClass): void {
    this.byKind.set(type.kind, type);
  }

  /** @throws DeclarationError for a kind that no task takes and no key was made for */
  of<E extends LockedEntity>(key: EntityKey<E>): EntityClass<E> {
    const type = this.byKind.get(key.kind) ?? this.declared(key.kind);
    if (!type)
      throw new DeclarationError(
        `No entity class of kind ${key.kind} is known. Make its keys with LockerService.key(Class, id).`,
      );
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a key's type was made from the class of its kind
    return type as EntityClass<E>;
  }
}
