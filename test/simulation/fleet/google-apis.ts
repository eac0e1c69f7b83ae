import { keyText } from '../../../lib/datastore/keys.js';
import { milliseconds } from '../../../lib/datastore/timestamp.js';
import type { DatastoreApi, LookupRequest } from '../../../lib/google/datastore-api.js';
import { Status, statusOf } from '../../../lib/google/status.js';
import type { TaskProto, TasksApi } from '../../../lib/google/tasks-api.js';
import type { Outcome } from '../google/outcome.js';
import type { SimulatedDatastore } from '../google/simulated-datastore.js';
import type { SimulatedQueue } from '../google/simulated-queue.js';
import type { Calls } from './calls.js';
import type { Operation, Operations } from './operation.js';
import type { Process } from './process.js';
import type { Troubles } from './troubles.js';

/** Datastore, as one process reaches it. */
export function datastoreApi(
  datastore: SimulatedDatastore<Operation | undefined>,
  calls: Calls,
  process: Process,
  operations: Operations,
): DatastoreApi {
  return {
    lookup: (request) =>
      calls.make(
        request.readOptions?.newTransaction ? 'begin' : 'read',
        `reads ${subject(request)}`,
        (answer) => datastore.lookup(request, answer),
      ),
    runQuery: (request) => {
      process.goesOnWith('queries');
      return calls.make('read', 'queries', (answer) => datastore.runQuery(request, answer));
    },
    runAggregationQuery: () => Promise.reject(new Error('The simulated Datastore does not count.')),
    beginTransaction: () =>
      calls.make('begin', 'begins', (answer) => datastore.beginTransaction(answer)),
    commit: (request) => {
      const by = operations.current;
      const { mutations, transaction } = request;
      const keys = mutations.map(({ upsert, insert, update, delete: removed }) =>
        keyText((upsert ?? insert ?? update)?.key ?? removed ?? {}),
      );
      return calls.make(
        'commit',
        `commits ${keys.join(', ')}`,
        (answer) => datastore.commit(request, by, answer),
        { late: () => datastore.expectCommit(String(transaction)) },
      );
    },
    rollback: ({ transaction }) =>
      calls.make('rollback', 'rolls back', (answer) =>
        datastore.rollback(String(transaction), answer),
      ),
    allocateIds: ({ keys }) =>
      calls.make('read', 'allocates ids', (answer) => datastore.allocateIds(keys, answer)),
  };
}

/** Cloud Tasks, as one process reaches it. */
export function tasksApi(
  queue: SimulatedQueue,
  calls: Calls,
  process: Process,
  troubles: Troubles,
): TasksApi {
  return {
    createTask: (request) =>
      calls.make(
        'create',
        `creates ${describe(request.task)}`,
        (answer) => queue.createTask(request, answer),
        isOfSweep(request.task)
          ? {
              refused: () => (troubles.sweepWasHit = true),
              shared: (outcome) => knowArmed(process, request.task, outcome),
            }
          : {},
      ),
    getTask: ({ name }) =>
      calls.make('read', 'asks for a task', (answer) => queue.getTask(name, answer)),
    // Asked for health alone, which nobody asks about here.
    getQueue: () => Promise.resolve({ state: 'RUNNING' }),
  };
}

/** What a process remembers of the sweeps that it arms: those under way, the last of all, and when it could not. */
function knowArmed(process: Process, task: TaskProto, outcome: Outcome<unknown> | undefined): void {
  const name = task.name ?? '';
  if (!outcome) return process.knows(name, 'under way');
  process.knows(name, undefined);
  const isThere = !('error' in outcome) || statusOf(outcome.error) === Status.ALREADY_EXISTS;
  const at = isThere && task.scheduleTime ? milliseconds(task.scheduleTime) : process.now();
  process.knows(isThere ? 'armed' : 'not armed', String(at));
}

function subject({ keys, readOptions }: LookupRequest): string {
  const how = readOptions?.newTransaction ? ' to change it' : '';
  return `${keys.map(keyText).join(', ')}${how}`;
}

function describe(task: TaskProto): string {
  if (isOfSweep(task)) return `the sweep's task`;
  const headers = task.httpRequest?.headers ?? {};
  const number = headers['X-Lock-Dispatch'] ?? '0';
  const run = (headers['X-Lock-Run'] ?? '').slice(-4);
  return `the task of run …${run} step ${headers['X-Lock-Seq'] ?? '?'} number ${number}${task.name ? ', named' : ''}`;
}

function isOfSweep(task: TaskProto): boolean {
  return task.httpRequest?.headers?.['X-Lock-Key'] === undefined;
}
