import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status as Code,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Calls } from './calls.js';
import { asDecoded } from './decoded.js';
import { RpcError } from './rpc-error.js';

/** Commits may be 10 MiB, tasks 1 MiB; gRPC's own limit is 4 MiB. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Serves an engine over gRPC on this machine. */
export class GrpcServer {
  private readonly server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });

  /** @param service Google's definition of the service; every method of it that `calls` lacks is UNIMPLEMENTED. */
  constructor(service: ServiceDefinition, calls: Calls) {
    const handlers = Object.values(service).map(
      ({ originalName = '' }) => [originalName, handler(calls, originalName)] as const,
    );
    const implementation: UntypedServiceImplementation = Object.fromEntries(handlers);
    this.server.addService(noted(service), implementation);
  }

  /** Opens the port, 0 for any free one, on the loopback address; answers with `127.0.0.1:PORT`. */
  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const credentials = ServerCredentials.createInsecure();
      this.server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => {
        if (error) reject(new Error(`Port ${port} cannot be opened.`, { cause: error }));
        else resolve(`127.0.0.1:${bound}`);
      });
    });
  }

  /** Ends at once, calls in progress included; resolves when the port is free. */
  close(): Promise<void> {
    this.server.forceShutdown();
    return new Promise((resolve) => this.server.tryShutdown(() => resolve()));
  }
}

/** The same service, whose requests are known to be decoded. */
function noted(service: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(service).map(([name, method]) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- gRPC has no types of messages
    const deserialize = method.requestDeserialize as (bytes: Buffer) => object;
    const requestDeserialize = (bytes: Buffer) => asDecoded(deserialize(bytes));
    return [name, { ...method, requestDeserialize }] as const;
  });
  return Object.fromEntries(methods);
}

function handler(calls: Calls, method: string): handleUnaryCall<object, object> {
  return (call, callback) => {
    calls.call(method, call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback({ ...statusOf(error), metadata: new Metadata() }),
    );
  };
}

/** Nothing of an unexpected error leaves the process: neither its text nor its stack. */
function statusOf(error: unknown): { code: Code; details: string } {
  if (error instanceof RpcError) return { code: error.code, details: error.details };
  return { code: Code.INTERNAL, details: 'The emulator failed.' };
}
