import { type CompleteKey, isComplete } from '../keys/key.js';
import { type KeyWithBytes, nameOfKey, withBytes } from '../keys/key-bytes.js';
import { completeKeyWithBytes, incompleteKey, refuseReserved } from '../keys/key-rules.js';
import { Mask } from '../properties/property-mask.js';
import { invalidArgument } from '../refusals.js';
import type { Entity, Key, Properties } from '../wire/entity-messages.js';
import type { Mutation } from '../wire/mutation-messages.js';
import type { DatabaseRequest } from '../wire/requests.js';
import { storableProperties } from './storable-properties.js';

export type Operation = 'insert' | 'update' | 'upsert' | 'delete';

/** A mutation that has passed the rules, with its key complete. */
export interface Write extends KeyWithBytes {
  readonly operation: Operation;
  /** The bytes as a string. */
  readonly name: string;
  /** The key's id was allocated for this write. */
  readonly allocated: boolean;
  /** As they are stored; none for a delete. */
  readonly properties: Properties;
  /** The only properties that it touches; absent: all. */
  readonly mask?: Mask;
  /** As it came, for the rest of what it asks for. */
  readonly mutation: Mutation;
}

/** Gives an incomplete key its id. */
export type AllocateId = (partial: ReturnType<typeof incompleteKey>) => CompleteKey;

/** Checks a mutation by itself. Throws INVALID_ARGUMENT. */
export function toWrite(mutation: Mutation, request: DatabaseRequest, allocate: AllocateId): Write {
  const { operation, key, entity } = parts(mutation);
  if (operation === 'delete' && mutation.propertyTransforms.length > 0) {
    throw invalidArgument('Delete mutation cannot have PropertyTransforms.');
  }
  const mayBeIncomplete = operation === 'insert' || operation === 'upsert';
  const last = key?.path.at(-1);
  const allocated = mayBeIncomplete && key !== null && last !== undefined && !isComplete(last);
  if (key) refuseReserved(key);
  const complete = allocated
    ? withBytes(allocate(incompleteKey(key, request)))
    : completeKeyWithBytes(key, request);
  return {
    operation,
    ...complete,
    name: nameOfKey(complete.bytes),
    allocated,
    properties: entity ? storableProperties(entity.properties, request) : {},
    ...(mutation.propertyMask && { mask: new Mask(mutation.propertyMask) }),
    mutation,
  };
}

function parts(mutation: Mutation): { operation: Operation; key: Key | null; entity?: Entity } {
  switch (mutation.operation) {
    case 'insert':
      return { operation: 'insert', key: mutation.insert.key, entity: mutation.insert };
    case 'update':
      return { operation: 'update', key: mutation.update.key, entity: mutation.update };
    case 'upsert':
      return { operation: 'upsert', key: mutation.upsert.key, entity: mutation.upsert };
    case 'delete':
      return { operation: 'delete', key: mutation.delete };
    case undefined:
    default:
      throw invalidArgument('Mutation is missing operation.');
  }
}
