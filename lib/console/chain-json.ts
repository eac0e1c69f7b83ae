import { keyText, keyToProto } from '../datastore/keys.js';
import type { ChainView } from '../run/overview.js';
import type { ChainJson } from './wire.js';

/** A chain, as the page gets it. Times are milliseconds since the epoch. */
export function chainJson({ key, lock, isOverdue, takeableAt, seenAt }: ChainView): ChainJson {
  return {
    key: keyText(keyToProto(key)),
    kind: key.kind,
    namespace: key.namespace ?? '',
    state: lock.state,
    isOverdue,
    seenAt: seenAt.getTime(),
    takeableAt: takeableAt?.getTime(),
    run: lock.run,
    step: lock.step,
    tries: lock.tries,
    postponed: lock.postponed,
    number: lock.number,
    missed: lock.missed,
    arrivals: lock.arrivals,
    task: lock.task?.name,
    queue: lock.task?.queue,
    at: lock.task?.at,
    due: lock.due,
    timestamp: lock.timestamp,
    leaseId: lock.leaseId,
    holder: lock.holder,
    error: lock.error,
    history: lock.history,
  };
}
