import { readLock } from '../../../lib/datastore/lock-properties.js';
import type { EntityProto } from '../../../lib/google/datastore-api.js';
import { describe } from './commit.js';
import type { Ledger } from './ledger.js';
import { Violation } from './violation.js';

/** What is not as it must be when nothing is under way any more: every run has come to an end, and somebody knows. */
export function unrest(
  stored: ReadonlyMap<string, EntityProto>,
  ledger: Ledger,
): Violation | undefined {
  for (const [key, entity] of stored) {
    const lock = readLock(entity);
    if (lock?.active || lock?.due !== undefined)
      return new Violation('everything comes to an end by itself', `${key}: ${describe(lock)}`);
  }
  for (const run of ledger.failedRuns)
    if (!ledger.alertedRuns.has(run))
      return new Violation('a failed run is told of', `run …${run.slice(-4)}`);
  return undefined;
}
