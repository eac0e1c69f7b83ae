import { CloudTasksClient } from '@google-cloud/tasks';
import { credentials } from '@grpc/grpc-js';
import { location, projectId, queueRetries } from '../plan.js';

/** The official client, for an emulator. */
export function tasksClient(host: string): CloudTasksClient {
  const { hostname, port } = new URL(`http://${host}`);
  const sslCreds = credentials.createInsecure();
  return new CloudTasksClient({
    projectId,
    apiEndpoint: hostname,
    port: Number(port),
    sslCreds,
  });
}

/** Creates the queue of all tasks. */
export async function createQueue(host: string): Promise<void> {
  const client = tasksClient(host);
  const name = client.queuePath(projectId, location, 'default');
  const parent = client.locationPath(projectId, location);
  await client.createQueue({
    parent,
    queue: { name, retryConfig: queueRetries },
  });
  await client.close();
}
