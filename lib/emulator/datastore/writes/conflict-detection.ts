import { contention, invalidArgument } from '../refusals.js';
import type { StoredEntity } from '../storage/stored-entity.js';
import { toMicros } from '../time.js';
import type { Mutation } from '../wire/messages.js';

/** Throws INVALID_ARGUMENT for a strategy without anything to detect a conflict by. */
export function checkConflictOptions(mutation: Mutation): void {
  const { conflictResolutionStrategy: strategy, conflictDetectionStrategy: detection } = mutation;
  if (strategy !== 'STRATEGY_UNSPECIFIED' && detection === undefined) {
    throw invalidArgument('conflict_resolution_strategy requires a conflict_detection_strategy.');
  }
}

/**
 * Whether the entity is no longer what the caller bases the mutation on, so that the mutation is left out. Throws
 * ABORTED instead if that is to fail the whole commit.
 */
export function isConflict(mutation: Mutation, current: StoredEntity | undefined): boolean {
  if (isAsExpected(mutation, current)) return false;
  if (mutation.conflictResolutionStrategy === 'FAIL') throw contention();
  return true;
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
