import type { DispatchEvent } from './tasks/dispatch-hooks.js';

/** The services of the emulator. */
export type ServiceName = 'datastore' | 'tasks';

/** One call of a service that has been answered, over gRPC or in process. */
export interface CallEvent {
  readonly type: 'call';
  readonly service: ServiceName;
  /** Of the service, such as `createTask`. */
  readonly method: string;
  readonly request: object;
  /** The answer, when the caller got one. */
  readonly response?: object;
  /** What the caller got instead: an `RpcError`, or a defect of the emulator. */
  readonly error?: unknown;
  /** How long it took, in milliseconds of the emulator's clock. */
  readonly ms: number;
}

/** What a tap sees. */
export type TapEvent = CallEvent | ({ readonly type: 'dispatch' } & DispatchEvent);

/** Those who watch the emulator. */
export class Taps {
  private readonly listeners = new Set<(event: TapEvent) => void>();

  /** Tells `listener` of everything from now on; the returned function ends that. */
  add(listener: (event: TapEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(event: TapEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
