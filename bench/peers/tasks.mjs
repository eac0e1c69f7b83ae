// Cloud Tasks and the HTTP server that its queues deliver to, as the two contenders use them that bring neither.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { CloudTasksClient } from '@google-cloud/tasks';

const requireAsClient = createRequire(
  createRequire(import.meta.url).resolve('@google-cloud/tasks'),
);
const { grpc } = requireAsClient('google-gax');
const project = process.env.DATASTORE_PROJECT_ID;
const [apiEndpoint, port] = process.env.CLOUD_TASKS_EMULATOR_HOST.split(':');
const client = new CloudTasksClient({
  projectId: project,
  apiEndpoint,
  port: Number(port),
  sslCreds: grpc.credentials.createInsecure(),
});

/**
 * Serves tasks on a free port. `handle` gets what a task carries, and resolves to the status of its answer.
 * Returned: creates a task.
 */
export async function serveTasks(handle) {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const { 'x-lock-key': chain, 'x-lock-seq': step } = request.headers;
      const queue = request.headers['x-cloudtasks-queuename'];
      handle({ chain, step: Number(step), queue }).then(
        (status) => response.writeHead(status).end(),
        (error) => {
          console.error(error);
          response.writeHead(500).end();
        },
      );
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/count`;
  return ({ chain, step, queue }) =>
    client.createTask({
      parent: `projects/${project}/locations/europe-west1/queues/${queue}`,
      task: {
        httpRequest: {
          url,
          httpMethod: 'POST',
          headers: { 'X-Lock-Key': chain, 'X-Lock-Seq': String(step) },
        },
      },
    });
}

/** The queue of the n-th chain. */
export const queueOf = (n) => `bench-${n % 8}`;
