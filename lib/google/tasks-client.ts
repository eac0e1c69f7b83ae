import { CloudTasksClient } from '@google-cloud/tasks';
import { createRequire } from 'node:module';
import { Connection } from './connection.js';
import { decoded } from './decoded.js';
import type {
  CreateTaskRequest,
  GetTaskRequest,
  QueueProto,
  TaskProto,
  TasksApi,
} from './tasks-api.js';

const require = createRequire(import.meta.url);

/** One call: an end to waiting, milliseconds. The dispatcher decides about another. */
const call = { retry: null, timeout: 10_000 };

/** Google's Cloud Tasks, through the official client. */
export class TasksClient implements TasksApi {
  private readonly connection: Connection<CloudTasksClient>;

  constructor(open: () => CloudTasksClient) {
    this.connection = new Connection(open);
  }

  async createTask(request: CreateTaskRequest): Promise<TaskProto> {
    const client = await this.connection.ready();
    const [answer] = await client.createTask(request, call);
    return decoded(answer);
  }

  async getTask(request: GetTaskRequest): Promise<TaskProto> {
    const client = await this.connection.ready();
    const [answer] = await client.getTask(request, call);
    return decoded(answer);
  }

  async getQueue(request: { name: string }): Promise<QueueProto> {
    const client = await this.connection.ready();
    const [answer] = await client.getQueue(request, call);
    return decoded(answer);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

/** The official client, pointed at an emulator (`host:port`) if there is one: it knows no variable for that itself. */
export function createTasksClient(projectId: string, emulatorHost?: string): CloudTasksClient {
  if (!emulatorHost) return new CloudTasksClient({ projectId });
  const { hostname, port } = new URL(`http://${emulatorHost}`);
  return new CloudTasksClient({
    projectId,
    apiEndpoint: hostname,
    port: Number(port),
    sslCreds: insecureCredentials(),
  });
}

/** Credentials must be of the very grpc that the client itself loads. */
function insecureCredentials() {
  const requireAsClient = createRequire(require.resolve('@google-cloud/tasks'));
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- the client's own dependency, found as it finds it
  const { grpc }: { grpc: typeof import('@grpc/grpc-js') } = requireAsClient('google-gax');
  return grpc.credentials.createInsecure();
}
