import type { ServiceDefinition } from '@grpc/proto-loader';
import { type CallContext, Calls } from './calls.js';
import { GrpcServer } from './grpc-server.js';
import type { ServiceName } from './tap.js';

/** One of the two services: its engine in process, and the same engine over gRPC. */
export class Service<Engine extends object> {
  /** The engine, except that calls pass through faults and taps as those over gRPC do. */
  readonly inProcess: Engine;
  private readonly calls: Calls;
  private readonly server: GrpcServer;
  private address: string | undefined;

  constructor(
    name: ServiceName,
    private current: Engine,
    definition: ServiceDefinition,
    context: CallContext,
  ) {
    this.calls = new Calls(name, current, context);
    const methods = Object.values(definition).map(({ originalName = '' }) => originalName);
    this.inProcess = this.calls.inProcess(current, new Set(methods));
    this.server = new GrpcServer(definition, this.calls);
  }

  /** What does the work. */
  get engine(): Engine {
    return this.current;
  }

  /** Lets another engine do the work from now on. */
  moveTo(engine: Engine): void {
    this.current = engine;
    this.calls.moveTo(engine);
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    if (this.address === undefined) throw new Error('The emulator does not listen yet.');
    return this.address;
  }

  async listen(port: number): Promise<void> {
    this.address = await this.server.listen(port);
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
