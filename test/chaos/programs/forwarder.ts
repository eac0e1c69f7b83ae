import { once } from 'node:events';
import {
  createServer,
  request as open,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';

/** The one address of all workers: sends each request to one of them, as a platform's front end does. */
export class Forwarder {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param choose the port of a living worker; undefined: there is none, which is answered with 502 */
  static async start(choose: () => number | undefined): Promise<Forwarder> {
    const server = createServer((incoming, answer) => forward(incoming, answer, choose()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('The forwarder has no port.');
    return new Forwarder(server, `http://127.0.0.1:${address.port}`);
  }

  async end(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

function forward(incoming: IncomingMessage, answer: ServerResponse, port: number | undefined) {
  const fail = () => {
    if (answer.headersSent) answer.destroy();
    else answer.writeHead(502).end();
  };
  if (port === undefined) {
    incoming.resume();
    return fail();
  }
  const { method, url: path, headers } = incoming;
  const outgoing = open({ host: '127.0.0.1', port, agent: false, method, path, headers });
  outgoing.on('error', fail);
  outgoing.on('response', (response) => {
    response.on('error', fail);
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  // Who has stopped waiting for the answer has hung up.
  answer.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}
