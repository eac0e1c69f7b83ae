import type { Emulator, TapEvent } from '../lib/emulator/index.js';

/** What passed the wire between an application and the services. */
export class WireCount {
  /** Calls by method. */
  readonly calls: Record<string, number> = {};
  /** Entities that lookups and queries answered with or for, as Datastore bills them. */
  reads = 0;
  writes = 0;
  deletes = 0;
  private readonly close: () => void;

  constructor(emulator: Emulator) {
    this.close = emulator.tap((event) => this.count(event));
  }

  get rpcs(): number {
    return Object.values(this.calls).reduce((sum, count) => sum + count, 0);
  }

  get tasks(): number {
    return this.calls['createTask'] ?? 0;
  }

  end(): this {
    this.close();
    return this;
  }

  private count(event: TapEvent): void {
    if (event.type !== 'call') return;
    const { method, request, error } = event;
    this.calls[method] = (this.calls[method] ?? 0) + 1;
    if (error !== undefined) return;
    if (method === 'lookup') this.reads += listIn(request, 'keys').length;
    // A query costs one read, and one for each entity that it answers with.
    if (method === 'runQuery') this.reads += 1 + resultsIn(event.response ?? {});
    if (method !== 'commit') return;
    const mutations = listIn(request, 'mutations');
    const deletes = mutations.filter((mutation) => isDelete(mutation)).length;
    this.deletes += deletes;
    this.writes += mutations.length - deletes;
  }
}

function isDelete(mutation: unknown): boolean {
  return (
    typeof mutation === 'object' && mutation !== null && Boolean(Reflect.get(mutation, 'delete'))
  );
}

function resultsIn(response: object): number {
  const batch: unknown = Reflect.get(response, 'batch');
  return typeof batch === 'object' && batch !== null ? listIn(batch, 'entityResults').length : 0;
}

function listIn(message: object, name: string): readonly unknown[] {
  const list: unknown = Reflect.get(message, name);
  return Array.isArray(list) ? list : [];
}
