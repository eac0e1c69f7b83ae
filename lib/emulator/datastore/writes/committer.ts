import type { CompleteKey } from '../keys/key.js';
import { RpcError } from '../../rpc-error.js';
import { keyBytes } from '../keys/key-bytes.js';
import { invalidArgument } from '../refusals.js';
import type { Store } from '../storage/store.js';
import type { Timeline } from '../timeline.js';
import { toTimestamp } from '../time.js';
import type { QueryTarget, WriteTarget } from '../transactions/read-target.js';
import type { CommitRequest } from '../wire/requests.js';
import type { CommitResponse, MutationResult } from '../wire/responses.js';
import type { Wire } from '../wire/wire.js';
import { checkConflictOptions } from './conflict-detection.js';
import { Draft } from './draft.js';
import { MAX_ENTITY_BYTES } from './entity-limits.js';
import { checkRepeatedKeys } from './repeated-keys.js';
import { type AllocateId, toWrite, type Write } from './write.js';

/** https://cloud.google.com/datastore/docs/concepts/limits */
const MAX_COMMIT_BYTES = 10 * 1024 * 1024;

/** Makes of the mutations of a commit what can be applied when nothing stands in its way. */
export class Committer {
  constructor(
    private readonly store: Store,
    private readonly wire: Wire,
    private readonly timeline: Timeline,
  ) {}

  /** Checks all that can be checked without the entities. Throws INVALID_ARGUMENT. */
  prepare(request: CommitRequest): WriteTarget<CommitResponse> {
    const writes = request.mutations.map((mutation) => {
      checkConflictOptions(mutation);
      return toWrite(mutation, request, this.allocateId);
    });
    const isAtomic = request.mode !== 'NON_TRANSACTIONAL';
    checkRepeatedKeys(writes, isAtomic);
    this.#checkSize(writes);
    return {
      keys: new Set(writes.map(({ name }) => name)),
      touches: (query) => this.#touches(writes, query),
      apply: () => this.#apply(writes, isAtomic),
    };
  }

  readonly allocateId: AllocateId = ({ partitionId, parents, kind }) => {
    const keyOf = (id: string): CompleteKey => {
      return { partitionId, path: [...parents, { kind, idType: 'id', id }] };
    };
    const isTaken = (id: string) => this.store.entities.get(keyBytes(keyOf(id))) !== undefined;
    return keyOf(this.store.ids.next(isTaken));
  };

  #apply(writes: readonly Write[], isAtomic: boolean): CommitResponse {
    const at = this.timeline.commitTime();
    const draft = new Draft(this.store, this.wire, at);
    const { results, failure } = applyAll(writes, draft);
    if (failure && isAtomic) throw failure;
    // Without a transaction, what comes before the mutation that fails is applied, as in Google's emulators.
    const indexUpdates = this.store.commit(draft.changes, at);
    if (failure) throw failure;
    return { mutationResults: results, indexUpdates, commitTime: toTimestamp(at) };
  }

  #touches(writes: readonly Write[], query: QueryTarget): boolean {
    const draft = new Draft(this.store, this.wire, this.timeline.readTime());
    applyAll(writes, draft);
    return draft.changes.some(({ before, after }) =>
      [before, after].some((entity) => entity !== undefined && query.matches(entity)),
    );
  }

  #checkSize(writes: readonly Write[]): void {
    // So few cannot be too much: each of them is checked by itself.
    if (writes.length * MAX_ENTITY_BYTES <= MAX_COMMIT_BYTES) return;
    const sizes = writes.map(
      ({ key, properties }) => this.wire.encodeEntity({ key, properties }).length,
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    if (bytes > MAX_COMMIT_BYTES) throw invalidArgument('datastore transaction or write too big.');
  }
}

/** Up to the first mutation that cannot be applied. */
function applyAll(
  writes: readonly Write[],
  draft: Draft,
): { results: MutationResult[]; failure?: RpcError } {
  const results: MutationResult[] = [];
  try {
    for (const write of writes) results.push(draft.apply(write));
    return { results };
  } catch (error) {
    if (error instanceof RpcError) return { results, failure: error };
    throw error;
  }
}
