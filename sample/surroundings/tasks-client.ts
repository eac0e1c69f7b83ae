import { CloudTasksClient } from '@google-cloud/tasks';
import { credentials } from '@grpc/grpc-js';

/** The official client. It knows no variable for an emulator, so that is looked up here. */
export function createTasksClient(): CloudTasksClient {
  const emulator = process.env['CLOUD_TASKS_EMULATOR_HOST'];
  if (!emulator) return new CloudTasksClient();
  const { hostname, port } = new URL(`http://${emulator}`);
  return new CloudTasksClient({
    apiEndpoint: hostname,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
  });
}
