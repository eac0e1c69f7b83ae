import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../system/log.js';

/** Node tells here of every answer of its HTTP servers: https://nodejs.org/api/diagnostics_channel.html#http */
const channel = 'http.server.response.finish';

/**
 * Tells of tasks that were refused before they came to this package: by the application's body parser, say, for a
 * body that is no JSON. Their queue delivers them again and again, and nothing else would say why.
 */
export class UnreachedTasks implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly reached = new WeakSet<object>();

  /** @param server the server whose answers are watched; others in the process are not ours */
  constructor(
    private readonly log: Log,
    private readonly server: () => unknown,
  ) {}

  /** A request has come to the package, which tells itself what becomes of it. */
  reach(request: object): void {
    this.reached.add('raw' in request && request.raw instanceof Object ? request.raw : request);
  }

  onApplicationBootstrap(): void {
    subscribe(channel, this.onFinish);
  }

  onApplicationShutdown(): void {
    unsubscribe(channel, this.onFinish);
  }

  private readonly onFinish = (message: unknown): void => {
    if (!isFinish(message) || message.server !== this.server()) return;
    const { request, response } = message;
    const isTask = request.headers['x-lock-key'] !== undefined;
    if (!isTask || response.statusCode < 400 || this.reached.has(request)) return;
    this.log.warn(
      `A task to ${request.url} was answered ${response.statusCode} before it came to its handler's guard. Its body cannot be parsed, no route has that path, or a guard of the application's refused it.`,
      { path: request.url, status: response.statusCode },
    );
  };
}

interface Finish {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: unknown;
}

function isFinish(message: unknown): message is Finish {
  return typeof message === 'object' && message !== null && 'response' in message;
}
