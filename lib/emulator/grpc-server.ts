import {
  constants,
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { ServiceDefinition } from '@grpc/proto-loader';
import { Status } from '../google/status.js';
import type { Calls } from './calls.js';
import { asDecoded } from './decoded.js';
import { requestOf, sendError, sendMessage } from './grpc-stream.js';
import { RpcError } from './rpc-error.js';
import { Turns } from './turns.js';

type Method = ServiceDefinition[string];

/**
 * Serves an engine over gRPC on this machine: calls of one request and one answer, which are all that it has. Straight on
 * Node's HTTP/2, where an answer leaves in one piece: with `@grpc/grpc-js` a call takes a third more of the processor.
 */
export class GrpcServer {
  private readonly server = createServer({
    settings: { enablePush: false },
    // By default Node refuses more than 10 MB of calls at a time.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  private readonly turns = new Turns();
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly methods: ReadonlyMap<string, Method>;

  /** @param service Google's definition of the service; every method of it that `calls` lacks is UNIMPLEMENTED. */
  constructor(
    service: ServiceDefinition,
    private readonly calls: Calls,
  ) {
    this.methods = new Map(Object.values(service).map((method) => [method.path, method]));
    this.server.on('session', (session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
    this.server.on('stream', (stream, headers) => {
      // Whoever breaks off a call wants nothing of it any more.
      stream.on('error', () => undefined);
      void this.answer(stream, headers[':path'] ?? '', String(headers['grpc-encoding'] ?? ''));
    });
  }

  /** Opens the port, 0 for any free one, on the loopback address; answers with `127.0.0.1:PORT`. */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.on('error', (cause) =>
        reject(new Error(`Port ${port} cannot be opened.`, { cause })),
      );
      this.server.listen(port, '127.0.0.1', () => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a server that listens on a port
        const { port: bound } = this.server.address() as AddressInfo;
        resolve(`127.0.0.1:${bound}`);
      });
    });
  }

  /** Ends at once, calls in progress included; resolves when the port is free. */
  close(): Promise<void> {
    for (const session of this.sessions) session.destroy(undefined, constants.NGHTTP2_CANCEL);
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async answer(stream: ServerHttp2Stream, path: string, encoding: string): Promise<void> {
    try {
      const method = this.methods.get(path);
      if (!method) throw new RpcError(Status.UNIMPLEMENTED, `The emulator has no method ${path}.`);
      const bytes = await requestOf(stream, encoding);
      await this.turns.next();
      const request = decoded(method, bytes);
      const response = await this.calls.call(method.originalName ?? '', request);
      sendMessage(stream, method.responseSerialize(response));
    } catch (error) {
      sendError(stream, statusOf(error));
    }
  }
}

function decoded(method: Method, bytes: Buffer): object {
  try {
    return asDecoded(method.requestDeserialize(bytes));
  } catch {
    throw new RpcError(Status.INTERNAL, 'The request is no message of its method.');
  }
}

/** Nothing of an unexpected error leaves the process: neither its text nor its stack. */
function statusOf(error: unknown): { code: Status; details: string } {
  if (error instanceof RpcError) return { code: error.code, details: error.details };
  return { code: Status.INTERNAL, details: 'The emulator failed.' };
}
