import { Datastore, v1 } from '@google-cloud/datastore';
import type { CloudTasksClient } from '@google-cloud/tasks';
import { Entity, goProject, type GoTask, type LeftByGo } from './left-by-go.js';

/** Where everything is put back. */
export interface Place {
  readonly datastore: Datastore;
  readonly tasks: CloudTasksClient;
  readonly project: string;
  readonly location: string;
  readonly queue: string;
  /** The application, where tasks go there by HTTP; undefined: to App Engine, as Go's did. */
  readonly baseUrl: string | undefined;
}

/** Puts the Go application's entities and tasks back, as they were when it was stopped: the queue is paused. */
export async function restore(left: readonly LeftByGo[], place: Place): Promise<void> {
  const { tasks, project, location, queue } = place;
  const parent = tasks.locationPath(project, location);
  const name = tasks.queuePath(project, location, queue);
  const retryConfig = { maxAttempts: 1_000, minBackoff: { nanos: 100_000_000 } };
  await tasks.createQueue({ parent, queue: { name, retryConfig } }).catch(alreadyThere);
  await tasks.pauseQueue({ name });
  const client = new v1.DatastoreClient({ ...place.datastore.options });
  for (const { name: id, entity, tasks: queued } of left) {
    const { properties } = Entity.decode(entity);
    const key = { partitionId: { projectId: project }, path: [{ kind: 'Import', name: id }] };
    const mutations = [{ upsert: { key, properties } }];
    await client.commit({ projectId: project, mode: 'NON_TRANSACTIONAL', mutations });
    for (const task of queued)
      await tasks.createTask({ parent: name, task: await addressed(task, id, place) });
  }
  await client.close();
}

function alreadyThere(error: unknown): void {
  const isThere = error instanceof Error && 'code' in error && error.code === 6;
  if (!isThere) throw error;
}

async function addressed(task: GoTask, id: string, place: Place) {
  const headers = { ...task.headers };
  // In another project than the one recorded, Go would have written that one's name.
  if (place.project !== goProject) headers['X-Lock-Key'] = await legacyKey(id, place);
  const request = { httpMethod: 'POST' as const, headers, body: task.body };
  return place.baseUrl === undefined
    ? { appEngineHttpRequest: { ...request, relativeUri: task.path } }
    : { httpRequest: { ...request, url: `${place.baseUrl}${task.path}` } };
}

async function legacyKey(id: string, { project }: Place): Promise<string> {
  const datastore = new Datastore({ projectId: project });
  const [key] = await datastore.keyToLegacyUrlSafe(datastore.key(['Import', id]), 's~');
  return `"${key}"`;
}
