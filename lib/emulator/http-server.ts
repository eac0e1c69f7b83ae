import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** A JSON answer. */
export interface Answer {
  /** 200 by default. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

/** One method of one path. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Gets the request's body as text. */
  answer(body: string): Answer | Promise<Answer>;
}

/** A small JSON server on this machine. */
export class HttpServer {
  private readonly server: Server;
  private routes: readonly Route[] = [];

  constructor() {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  /** Opens the port, 0 for any free one, on the loopback address; answers with its base URL. */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (cause) => {
        reject(new Error(`Port ${port} cannot be opened.`, { cause }));
      });
      this.server.listen(port, '127.0.0.1', () => {
        const address = this.server.address();
        if (typeof address === 'object' && address) resolve(`http://127.0.0.1:${address.port}`);
        else reject(new Error('The server has no port.'));
      });
    });
  }

  serveRoutes(routes: readonly Route[]): void {
    this.routes = routes;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status = 200, headers, body } = await this.answer(request);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    } catch {
      // The caller hung up in the middle of its request.
      response.destroy();
    }
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const there = this.routes.filter((route) => route.path === path);
    const route = there.find(({ method }) => method === request.method);
    if (!route)
      return { status: there.length > 0 ? 405 : 404, body: { error: `No ${path} here.` } };
    // Only browsers name an origin, and no web page is to switch anything here.
    if (request.headers.origin) return { status: 403, body: { error: 'Not for web pages.' } };
    return route.answer(await text(request));
  }
}
