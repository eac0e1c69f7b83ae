import { Agent, request } from 'node:http';
import type { Key } from '@google-cloud/datastore';
import { headersOf } from '../test/support/delivery.js';
import { projectId } from './counter-application.js';

const agent = new Agent({ keepAlive: true });

/** One request as a queue makes it, on a connection that is kept. Resolves to the status of its answer. */
export function post(url: string, headers: Record<string, string>, body = '{}'): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      agent,
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    outgoing.end(body);
  });
}

/** The headers of a step's task. */
export function stepHeaders(key: Key, run: string, step: number): Record<string, string> {
  return headersOf({ key, run, step, task: 'count', queue: 'bench-0' }, projectId);
}

/** Closes the connections. */
export function closeConnections(): void {
  agent.destroy();
}
