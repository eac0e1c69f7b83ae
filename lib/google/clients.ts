import { Datastore } from '@google-cloud/datastore';
import type { CloudTasksClient } from '@google-cloud/tasks';
import { OptionError } from '../locker.errors.js';
import { DatastoreClient } from './datastore-client.js';
import type { LoggingApi } from './logging-api.js';
import { openLogging } from './logging-client.js';
import { createTasksClient, TasksClient } from './tasks-client.js';

/** What tells where Google's services are. */
export interface ConnectOptions {
  readonly projectId?: string | undefined;
  readonly databaseId?: string | undefined;
  readonly datastore?: Datastore | undefined;
  readonly tasks?: CloudTasksClient | undefined;
  readonly probes?: readonly unknown[] | undefined;
}

/** Google's services, as one application reaches them. */
export interface Clients {
  readonly projectId: string;
  readonly datastore: DatastoreClient;
  readonly tasks: TasksClient;
  /** Only where the option `probes` asks for it. */
  readonly logging: LoggingApi | undefined;
  /** Ends the connections that were opened here; clients that were handed in are their owner's. */
  close(): Promise<void>;
}

/**
 * Connects to Google's services, or to emulators where `DATASTORE_EMULATOR_HOST` and `CLOUD_TASKS_EMULATOR_HOST` say so.
 *
 * @throws OptionError when nothing tells the project, or Cloud Logging is asked for without its client
 */
export async function connect(
  options: ConnectOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Clients> {
  const high = options.datastore ?? openDatastore(options);
  const projectId = options.projectId ?? (await projectOf(high));
  const datastore = new DatastoreClient(high);
  const emulator = environment['CLOUD_TASKS_EMULATOR_HOST'];
  const tasks = new TasksClient(() => options.tasks ?? createTasksClient(projectId, emulator));
  const logging = options.probes?.includes('logging')
    ? await openLogging({ projectId })
    : undefined;
  const close = async () => {
    await datastore.close();
    await logging?.close();
    if (!options.tasks) await tasks.close();
  };
  return { projectId, datastore, tasks, logging, close };
}

function openDatastore({ projectId, databaseId }: ConnectOptions): Datastore {
  return new Datastore({ ...(projectId && { projectId }), ...(databaseId && { databaseId }) });
}

async function projectOf(datastore: Datastore): Promise<string> {
  try {
    return await datastore.auth.getProjectId();
  } catch (cause) {
    throw new OptionError(
      'LockerModule: nothing tells the Google Cloud project. Set the option projectId, or GOOGLE_CLOUD_PROJECT.',
      { cause },
    );
  }
}
