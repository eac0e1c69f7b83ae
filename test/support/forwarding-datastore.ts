import type { v1 } from '@google-cloud/datastore';
import { randomUUID } from 'node:crypto';
import { RpcError } from '../../lib/emulator/rpc-error.js';
import { type Status, statusOf } from '../../lib/google/status.js';
import { rawClient } from './raw-client.js';

/** No retries of the client's own: the caller is to see every answer. */
const call = { retry: null, timeout: 60_000 };

const methods = [
  'lookup',
  'runQuery',
  'runAggregationQuery',
  'beginTransaction',
  'commit',
  'rollback',
  'allocateIds',
  'reserveIds',
] as const;

type Call = (request: object, options: object) => Promise<object | [object]>;

/**
 * Sends every call on to one of Google's emulators. Its project has another name there, one of its own, so that many
 * share one emulator and never meet. Google's `read_time` is left out: it is the machine's, and time is virtual here.
 */
export class ForwardingDatastore {
  private readonly suffix = `-${randomUUID().slice(0, 8)}`;
  private readonly client: v1.DatastoreClient;

  constructor(endpoint: string) {
    this.client = rawClient(endpoint, 'forwarded');
    for (const method of methods)
      Object.assign(this, { [method]: (request: object) => this.forward(method, request) });
  }

  close(): void {
    void this.client.close();
  }

  private async forward(method: (typeof methods)[number], request: object): Promise<object> {
    const to = (projectId: string) => projectId + this.suffix;
    const from = (projectId: string) => projectId.replace(this.suffix, '');
    try {
      const rpc = this.client[method].bind(this.client) as Call;
      const answer = await rpc(renamed(request, to) as object, call);
      const response = renamed(Array.isArray(answer) ? answer[0] : answer, from) as Timed;
      delete response.readTime;
      delete response.batch?.readTime;
      return response;
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined) throw error;
      const { details } = error as { details?: string };
      throw new RpcError(status as Status, details ?? String(error));
    }
  }
}

interface Timed {
  readTime?: unknown;
  batch?: { readTime?: unknown } | null;
}

/** A copy of a message in which every project has another name. */
function renamed(message: unknown, rename: (projectId: string) => string): unknown {
  if (Array.isArray(message)) return message.map((part) => renamed(part, rename));
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array)
    return message;
  return Object.fromEntries(
    Object.entries(message).map(([name, value]: [string, unknown]) => [
      name,
      name === 'projectId' && typeof value === 'string' && value
        ? rename(value)
        : renamed(value, rename),
    ]),
  );
}
