import { Status } from '../google/status.js';
import type { Clock } from '../system/clock.js';
import { RpcError } from './rpc-error.js';
import type { ServiceName, Taps } from './tap.js';

/** Where trouble can be made around a call. */
export interface CallHooks {
  /** Stands in for `apply`. */
  around(service: ServiceName, method: string, apply: () => Promise<object>): Promise<object>;
}

/** What every call passes. */
export interface CallContext {
  readonly clock: Clock;
  readonly hooks: CallHooks;
  readonly taps: Taps;
}

/** The one way to an engine's methods, over gRPC and in process: with faults around it and taps beside it. */
export class Calls {
  constructor(
    private readonly service: ServiceName,
    private engine: object,
    private readonly context: CallContext,
  ) {}

  /** Calls a method by its name in camel case; rejects with UNIMPLEMENTED if the engine has no such method. */
  async call(method: string, request: object): Promise<object> {
    const { clock, hooks, taps } = this.context;
    const call = { type: 'call', service: this.service, method, request } as const;
    const startedAt = clock.now();
    try {
      const apply = () => this.apply(method, request);
      const response = await hooks.around(this.service, method, apply);
      taps.emit({ ...call, response, ms: clock.now() - startedAt });
      return response;
    } catch (error) {
      taps.emit({ ...call, error, ms: clock.now() - startedAt });
      throw error;
    }
  }

  /** Sends every later call to another engine. */
  moveTo(engine: object): void {
    this.engine = engine;
  }

  /** The engine of the moment itself, except that the methods named go through {@link call}. */
  inProcess<T extends object>(engine: T, methods: ReadonlySet<string>): T {
    return new Proxy(engine, {
      get: (_target, property) => {
        if (typeof property === 'string' && methods.has(property)) {
          return (request: object) => this.call(property, request);
        }
        const member: unknown = Reflect.get(this.engine, property);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => Reflect.apply(member, this.engine, args);
      },
    });
  }

  private async apply(method: string, request: object): Promise<object> {
    const found: unknown = Reflect.get(this.engine, method);
    if (typeof found !== 'function') {
      throw new RpcError(Status.UNIMPLEMENTED, `The emulator does not implement ${method}.`);
    }
    const response: unknown = await Reflect.apply(found, this.engine, [request]);
    if (typeof response !== 'object' || response === null) {
      throw new TypeError(`${method} of the emulator answered with no message.`);
    }
    return response;
  }
}
