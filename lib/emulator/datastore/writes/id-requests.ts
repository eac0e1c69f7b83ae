import { completeKey, incompleteKey, refuseReserved } from '../keys/key-rules.js';
import type { Store } from '../storage/store.js';
import type { Key } from '../wire/entity-messages.js';
import type { KeysRequest } from '../wire/requests.js';
import type { AllocateId } from './write.js';

/** Completes the keys with ids of their own. Throws INVALID_ARGUMENT for complete or reserved keys. */
export function allocateIds(request: KeysRequest, allocate: AllocateId): Key[] {
  const partials = request.keys.map((key) => {
    refuseReserved(key);
    return incompleteKey(key, request);
  });
  return partials.map(allocate);
}

/** Keeps the keys' ids from being allocated. Throws INVALID_ARGUMENT for incomplete keys. */
export function reserveIds(request: KeysRequest, store: Store): void {
  for (const { path } of request.keys.map((key) => completeKey(key, request))) {
    const last = path.at(-1);
    if (last?.idType === 'id') store.ids.reserve(last.id);
  }
}
