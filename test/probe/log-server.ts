import { createRequire } from 'node:module';
import { fromJSON, type ServiceDefinition } from '@grpc/proto-loader';
import type { Calls } from '../../lib/emulator/calls.js';
import { GrpcServer } from '../../lib/emulator/grpc-server.js';
import type { Status } from '../../lib/google/status.js';
import { RpcError } from '../../lib/emulator/rpc-error.js';

const requireAsClient = createRequire(
  createRequire(import.meta.url).resolve('@google-cloud/logging'),
);
const protos = requireAsClient('@google-cloud/logging-api/build/protos/protos.json') as object;

/** An entry as the platform writes it: what goes over the wire, and what a filter sees of it. */
export interface WrittenEntry {
  readonly message: object;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

interface ListRequest {
  readonly resourceNames: string[];
  readonly filter: string;
  readonly pageSize: number;
  readonly pageToken: string;
  readonly orderBy: string;
}

/** Cloud Logging as far as it is asked here, over gRPC on the client's own protos. It evaluates the filters. */
export class LogServer {
  static async start(): Promise<LogServer> {
    const server = new LogServer();
    server.host = await server.grpc.listen(0);
    return server;
  }

  host = '';
  readonly requests: ListRequest[] = [];
  entries: WrittenEntry[] = [];
  /** gRPC status that calls fail with; undefined: they succeed. */
  failure: Status | undefined;
  private readonly grpc = new GrpcServer(
    fromJSON(protos, {
      keepCase: false,
      longs: String,
      enums: String,
      defaults: true,
      oneofs: true,
    })['google.logging.v2.LoggingServiceV2'] as ServiceDefinition,
    {
      call: (method: string, request: object) =>
        new Promise((resolve) => resolve(this.answer(method, request as ListRequest))),
    } as Calls,
  );

  stop(): Promise<void> {
    return this.grpc.close();
  }

  private answer(method: string, request: ListRequest): object {
    if (method !== 'listLogEntries') throw new RpcError(12, method);
    this.requests.push(request);
    if (this.failure !== undefined) throw new RpcError(this.failure, 'Quota exceeded');
    const found = this.entries.filter(({ fields }) => matches(fields, request.filter));
    return {
      entries: found.slice(0, request.pageSize).map(({ message }) => message),
      // There is always more: a client that pages by itself would go on and on.
      nextPageToken: 'more',
    };
  }
}

/** Of the query language what the probe uses: comparisons joined by AND, NOT, and alternatives in parentheses. */
function matches(fields: WrittenEntry['fields'], filter: string): boolean {
  return filter.split(' AND ').every((term) => {
    const [, not, name = '', operator, value = ''] =
      /^(NOT )?([\w.]+)(=|<=|>=|<)(.*)$/.exec(term) ?? [];
    const field = fields[name];
    if (field === undefined) return Boolean(not);
    const values = value.startsWith('(') ? value.slice(1, -1).split(' OR ') : [value];
    return values.some((one) => compare(field, operator, parse(one))) !== Boolean(not);
  });
}

function parse(value: string): string | number | boolean {
  return JSON.parse(value) as string | number | boolean;
}

function compare<T>(field: T, operator: string | undefined, value: T): boolean {
  if (operator === '=') return field === value;
  if (operator === '<') return field < value;
  return operator === '<=' ? field <= value : field >= value;
}
