import { invalidArgument } from '../refusals.js';
import type { Operation, Write } from './write.js';

/** Sequences on one entity that make no sense; the others are applied in order: CommitRequest in datastore.proto. */
const REFUSED = new Set(['insert insert', 'update insert', 'upsert insert', 'delete update']);

/** Throws INVALID_ARGUMENT where one commit writes the same entity in a way that is not permitted. */
export function checkRepeatedKeys(writes: readonly Write[], transactional: boolean): void {
  if (writes.length < 2) return;
  const earlier = new Map<string, Operation>();
  for (const { name, operation } of writes) {
    const before = earlier.get(name);
    if (before && !transactional) {
      throw invalidArgument(
        'A non-transactional commit may not contain multiple mutations affecting the same entity.',
      );
    }
    if (before && REFUSED.has(`${before} ${operation}`)) {
      throw invalidArgument(`Cannot ${before} then ${operation} an entity in the same request.`);
    }
    earlier.set(name, operation);
  }
}
