import type { CommitRequest, DatastoreApi, LookupRequest } from '../../lib/google/datastore-api.js';
import type { CreateTaskRequest } from '../../lib/google/tasks-api.js';
import type { Services } from '../counter-application.js';

/** A call as it was made. */
export type Recorded =
  | { readonly method: 'lookup'; readonly request: LookupRequest }
  | { readonly method: 'commit'; readonly request: CommitRequest }
  | { readonly method: 'createTask'; readonly request: CreateTaskRequest };

/** Services that note what they are asked, while `calls` is there. */
export class Recorder {
  calls: Recorded[] | undefined;
  readonly services: Services;

  constructor({ datastore, tasks }: Services) {
    const lookup: DatastoreApi['lookup'] = (request) => {
      this.calls?.push({ method: 'lookup', request });
      return datastore.lookup(request);
    };
    const commit: DatastoreApi['commit'] = (request) => {
      this.calls?.push({ method: 'commit', request });
      return datastore.commit(request);
    };
    const createTask = (request: CreateTaskRequest) => {
      this.calls?.push({ method: 'createTask', request });
      return tasks.createTask(request);
    };
    this.services = {
      datastore: {
        lookup,
        commit,
        rollback: (request) => datastore.rollback(request),
        beginTransaction: (request) => datastore.beginTransaction(request),
        allocateIds: (request) => datastore.allocateIds(request),
        runQuery: (request) => datastore.runQuery(request),
        runAggregationQuery: (request) => datastore.runAggregationQuery(request),
      },
      tasks: {
        createTask,
        getTask: (request) => tasks.getTask(request),
        getQueue: (request) => tasks.getQueue(request),
      },
    };
  }
}

/** Makes the same calls again, in the same order with the same bytes, but for the transactions' ids. */
export async function replay(calls: readonly Recorded[], { datastore, tasks }: Services) {
  let transaction: Uint8Array | string = '';
  for (const { method, request } of calls)
    if (method === 'lookup') ({ transaction } = begun(await datastore.lookup(request)));
    else if (method === 'commit') await datastore.commit({ ...request, transaction });
    else await tasks.createTask(request);
}

/** The same calls for another entity. */
export function elsewhere(calls: readonly Recorded[], from: string, to: string): Recorded[] {
  return structuredClone(calls).map((call) => renamed(call, from, to) as Recorded);
}

function renamed(value: unknown, from: string, to: string): unknown {
  if (value === from) return to;
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => renamed(element, from, to));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, renamed(member, from, to)]),
  );
}

function begun(answer: { transaction?: Uint8Array | string | null }) {
  if (!answer.transaction) throw new Error('A lookup began no transaction.');
  return { transaction: answer.transaction };
}
