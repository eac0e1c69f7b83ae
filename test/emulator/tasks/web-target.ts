import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  readonly method: string;
  readonly path: string;
  /** As received: names and values in turn. */
  readonly rawHeaders: string[];
  readonly body: string;
}

/** An application on a real port; every request is handed to `handle`. */
export class WebTarget {
  readonly received: Received[] = [];
  connections = 0;
  private readonly server: Server;

  constructor(
    private handle: (response: ServerResponse, request: IncomingMessage) => unknown = (response) =>
      response.end(),
  ) {
    this.server = createServer((request, response) => {
      void text(request).then((body) => {
        this.received.push({
          method: request.method ?? '',
          path: request.url ?? '',
          rawHeaders: request.rawHeaders,
          body,
        });
        this.handle(response, request);
      });
    });
    this.server.on('connection', () => (this.connections += 1));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    const stopped = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await stopped;
  }
}
