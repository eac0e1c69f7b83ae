import { Datastore } from '@google-cloud/datastore';
import { DatastoreClient } from '../lib/google/datastore-client.js';
import { createTasksClient, TasksClient } from '../lib/google/tasks-client.js';
import { projectId } from './counter-application.js';

/** Where the two services are, `127.0.0.1:PORT` each. */
export interface Hosts {
  readonly datastoreHost: string;
  readonly tasksHost: string;
}

/** Google's clients, as the package uses them. */
export function overGrpc({ datastoreHost, tasksHost }: Hosts) {
  return {
    datastore: new DatastoreClient(new Datastore({ projectId, apiEndpoint: datastoreHost })),
    tasks: new TasksClient(() => createTasksClient(projectId, tasksHost)),
  };
}
