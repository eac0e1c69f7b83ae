import { connect } from '../google/clients.js';
import type { KeyProto, QueryProto } from '../google/datastore-api.js';
import { OptionError } from '../locker.errors.js';
import type { LockerModuleOptions } from '../locker.options.js';
import { Locker } from '../locker.js';
import { LockerService } from '../locker.service.js';
import { settingsFrom, type Settings } from '../settings/settings.js';
import { systemEntropy } from '../system/entropy.js';
import { addressed } from '../tasks/target.js';
import type { KeyArgument } from './key-argument.js';
import { knownPaths } from './known-paths.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** What commands work with. */
export interface OpenLocker {
  readonly service: LockerService;
  readonly namespaces: readonly string[];
  /** The kinds of all entities of a namespace, locked or not. */
  kinds(namespace: string): Promise<string[]>;
  /** Has the application sweep a namespace, by a task to its own route. */
  askForSweep(namespace: string, path: string): Promise<void>;
}

interface Opening {
  readonly options: LockerModuleOptions;
  readonly keys?: readonly KeyArgument[];
  /** What `--path` says. */
  readonly paths?: readonly string[];
}

/** Connects, has something done, and closes the connections. */
export async function withLocker<T>(
  { options, keys = [], paths = [] }: Opening,
  terminal: Terminal,
  work: (locker: OpenLocker) => Promise<T>,
): Promise<T> {
  const clients = await connect(options, process.env);
  try {
    const settings = settingsOf(options, keys, clients.projectId);
    for (const key of keys) checkPlace(key, settings);
    const { datastore, tasks } = clients;
    const { projectId, databaseId, namespaces } = settings;
    const locker = new Locker({
      settings,
      datastore,
      tasks,
      directory: knownPaths(paths, settings.aliases, settings.terms),
      sweepPath: () => '/locker/sweep',
      // A failed run owes its alert until somebody is told: that is the application's.
      alerter: { send: () => Promise.resolve('gathered' as const) },
      clock: terminal.clock,
      entropy: systemEntropy,
      log: {
        debug: () => {},
        log: () => {},
        warn: (message) => terminal.printError(message),
        error: (message) => terminal.printError(message),
      },
    });
    return await work({
      service: new LockerService(locker),
      namespaces,
      kinds: async (namespace) => {
        const where = { projectId, databaseId, partitionId: { namespaceId: namespace } };
        const query: QueryProto = { kind: [{ name: '__kind__' }] };
        const { batch } = await datastore.runQuery({ ...where, query });
        const keysFound = (batch?.entityResults ?? []).map(({ entity }) => entity?.key);
        return keysFound.map(nameOf).filter((kind) => kind !== '' && !kind.startsWith('__'));
      },
      askForSweep: async (namespace, path) => {
        const { location, sweep, defaultQueue, target, dispatchDeadline } = settings;
        const parent = `projects/${projectId}/locations/${location}/queues/${sweep?.queue ?? defaultQueue}`;
        const body = Buffer.from(JSON.stringify({ namespace }));
        const request = addressed(target, path, { 'Content-Type': 'application/json' }, body);
        const seconds = Math.ceil(dispatchDeadline / 1_000);
        await tasks.createTask({ parent, task: { ...request, dispatchDeadline: { seconds } } });
      },
    });
  } finally {
    await clients.close();
  }
}

/** Keys may be in namespaces of their own. */
function settingsOf(
  options: LockerModuleOptions,
  keys: readonly KeyArgument[],
  projectId: string,
): Settings {
  const ofKeys = keys.map(({ key }) => key.partitionId?.namespaceId ?? '');
  const namespaces = [...new Set([...(options.namespaces ?? ['']), ...ofKeys])];
  try {
    return settingsFrom({ ...options, namespaces }, projectId);
  } catch (error) {
    if (error instanceof OptionError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function checkPlace(given: KeyArgument, { projectId, databaseId }: Settings): void {
  if ((given.projectId ?? projectId) !== projectId)
    throw new UsageError(`A key is of project "${given.projectId}", not of "${projectId}".`);
  if ((given.databaseId ?? databaseId) !== databaseId)
    throw new UsageError(`A key is of database "${given.databaseId}", not of "${databaseId}".`);
}

function nameOf(key: KeyProto | null | undefined): string {
  return key?.path?.at(-1)?.name ?? '';
}
