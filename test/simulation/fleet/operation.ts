import { AsyncLocalStorage } from 'node:async_hooks';

/** What one request or call asked the locker for. All that it makes the locker do is done in its name. */
export interface Operation {
  readonly number: number;
  readonly kind: OperationKind;
  /** The process it runs in. */
  readonly process: string;
  /** The entity it is about, if it is about one. */
  readonly key?: string;
  /** Of a delivery: what its task says. */
  readonly task?: {
    readonly run: string;
    readonly step: number;
    readonly number: number;
    readonly taskName: string;
    readonly retryCount: number;
  };
  /** Of a start. */
  readonly start?: { readonly replaces: boolean; readonly startId: string | undefined };
  /** How often it changed a lock, by the name of the change. */
  readonly changes: Map<string, number>;
  /** Its caller was told that nothing was written. */
  saidNothingWritten?: boolean;
  /** The locks that it changed have been set back by somebody since. */
  wasUndone?: boolean;
}

export type OperationKind =
  | 'deliver'
  | 'sweep'
  | 'start'
  | 'update'
  | 'retry'
  | 'cancel'
  | 'run now'
  | 'release'
  | 'redispatch'
  | 'transact'
  | 'read'
  | 'restore';

/** In whose name the present code runs. */
export class Operations {
  private readonly context = new AsyncLocalStorage<Operation>();
  private readonly live = new Set<Operation>();
  private begun = 0;

  get current(): Operation | undefined {
    return this.context.getStore();
  }

  run<T>(
    operation: Omit<Operation, 'number' | 'changes'>,
    work: (operation: Operation) => Promise<T>,
  ): Promise<T> {
    const begun: Operation = { ...operation, number: ++this.begun, changes: new Map() };
    this.live.add(begun);
    const working = this.context.run(begun, () => work(begun));
    return working.finally(() => this.live.delete(begun));
  }

  /** A process has died: none of its operations goes on. */
  died(process: string): void {
    for (const operation of this.live)
      if (operation.process === process) this.live.delete(operation);
  }

  /** Whether it may still do something; what it has asked for may be applied all the same. */
  isLive(operation: Operation): boolean {
    return this.live.has(operation);
  }
}
