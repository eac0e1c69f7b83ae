import type { EntityProto } from '../../lib/google/datastore-api.js';
import type { Services } from '../counter-application.js';

const transaction = new Uint8Array(8);
const nothing = () => Promise.resolve({});
const now = () => ({ seconds: String(Math.floor(Date.now() / 1_000)), nanos: 0 });

/** Datastore and Cloud Tasks that answer at once: one entity, which every lookup finds and every commit replaces. */
export function instantServices(): Services {
  let stored: EntityProto | undefined;
  return {
    datastore: {
      lookup: () =>
        Promise.resolve({
          found: stored ? [{ entity: stored, version: '1' }] : [],
          missing: stored ? [] : [{ version: '1' }],
          deferred: [],
          transaction,
          readTime: now(),
        }),
      commit: ({ mutations: [mutation] }) => {
        stored = mutation?.upsert ?? mutation?.insert ?? mutation?.update ?? stored;
        return Promise.resolve({ mutationResults: [{ version: '2' }], commitTime: now() });
      },
      rollback: nothing,
      beginTransaction: () => Promise.resolve({ transaction }),
      allocateIds: nothing,
      runQuery: nothing,
      runAggregationQuery: nothing,
    },
    tasks: { createTask: nothing, getTask: nothing, getQueue: nothing },
  };
}
