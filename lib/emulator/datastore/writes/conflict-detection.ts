import { Status } from '../../../google/status.js';
import { RpcError } from '../../rpc-error.js';
import { invalidArgument } from '../refusals.js';
import type { StoredEntity } from '../storage/stored-entity.js';
import { toMicros } from '../time.js';
import type { Mutation } from '../wire/mutation-messages.js';

/** Throws INVALID_ARGUMENT for conditions that no entity could meet. */
export function checkConflictOptions(mutation: Mutation): void {
  const { conflictResolutionStrategy: strategy, conflictDetectionStrategy: detection } = mutation;
  if (strategy !== 'STRATEGY_UNSPECIFIED' && detection === undefined) {
    throw invalidArgument(
      'cannot set a conflict resolution strategy if no detection strategy was set',
    );
  }
  const baseVersion = BigInt(mutation.baseVersion ?? 0);
  if (baseVersion < 0n) {
    throw invalidArgument(`Invalid base_version: ${baseVersion}, it should be >= 0`);
  }
  if (baseVersion > 0n && mutation.operation === 'insert') {
    throw invalidArgument('Cannot insert an entity with a base version greater than zero');
  }
}

/**
 * Whether the entity is no longer what the caller bases the mutation on, so that the mutation is left out. Throws
 * FAILED_PRECONDITION instead if that is to fail the whole commit, the code of Google's Firestore emulator.
 */
export function isConflict(mutation: Mutation, current: StoredEntity | undefined): boolean {
  if (isAsExpected(mutation, current)) return false;
  if (mutation.conflictResolutionStrategy !== 'FAIL') return true;
  throw new RpcError(
    Status.FAILED_PRECONDITION,
    `the stored version (${current?.version ?? 0}) does not match the required base version (${required(mutation)})`,
  );
}

function required({ baseVersion, updateTime }: Mutation): string {
  return updateTime ? String(toMicros(updateTime)) : (baseVersion ?? '0');
}

function isAsExpected(mutation: Mutation, current: StoredEntity | undefined): boolean {
  switch (mutation.conflictDetectionStrategy) {
    case 'baseVersion':
      return mutation.baseVersion === String(current?.version ?? 0);
    case 'updateTime': {
      const expected = mutation.updateTime && toMicros(mutation.updateTime);
      return current !== undefined && expected === BigInt(current.version);
    }
    case undefined:
    default:
      return true;
  }
}
