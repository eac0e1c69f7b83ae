import { DatabaseSync } from 'node:sqlite';
import {
  DatastoreEngine,
  type DatastoreEngineOptions,
} from '../../../lib/emulator/datastore/datastore-engine.js';
import { Protos } from '../../../lib/emulator/protos.js';
import { VirtualClock } from '../../../lib/emulator/virtual-clock.js';
import type { EntityProto, KeyProto, ValueProto } from '../../../lib/google/datastore-api.js';
import { statusOf } from '../../../lib/google/status.js';

/** Loaded once for all tests. */
export const protos = Protos.datastore();

export const modes = ['optimistic', 'pessimistic'] as const;

export const projectId = 'p1';

export const integer = (value: number | string): ValueProto => ({ integerValue: String(value) });

export const keyOf = (kind: string, idOrName: number | string): KeyProto => ({
  path: [typeof idOrName === 'number' ? { kind, id: idOrName } : { kind, name: idOrName }],
});

export const entityOf = (
  idOrName: number | string,
  properties: Record<string, ValueProto> = {},
  kind = 'Order',
): EntityProto => ({ key: keyOf(kind, idOrName), properties });

/** An engine in memory with a clock of its own, and the calls that tests make most. */
export class TestEngine {
  readonly clock = new VirtualClock();
  readonly engine: DatastoreEngine;

  constructor(
    concurrency: DatastoreEngineOptions['concurrency'] = 'optimistic',
    readonly database = new DatabaseSync(':memory:'),
  ) {
    this.engine = new DatastoreEngine({ database, clock: this.clock, concurrency, protos });
  }

  async put(...entities: EntityProto[]) {
    return this.engine.commit({
      projectId,
      mode: 'NON_TRANSACTIONAL',
      mutations: entities.map((upsert) => ({ upsert })),
    });
  }

  async begin(): Promise<Buffer> {
    const { transaction } = await this.engine.beginTransaction({ projectId });
    return transaction;
  }

  /** The entity, or undefined; inside a transaction if one is given. */
  async get(idOrName: number | string, transaction?: Buffer, kind = 'Order') {
    const { found } = await this.engine.lookup({
      projectId,
      keys: [keyOf(kind, idOrName)],
      ...(transaction && { readOptions: { transaction } }),
    });
    return found[0]?.entity;
  }

  async commit(transaction: Buffer, ...entities: EntityProto[]) {
    return this.engine.commit({
      projectId,
      mode: 'TRANSACTIONAL',
      transaction,
      mutations: entities.map((upsert) => ({ upsert })),
    });
  }
}

/** What came of several calls at once: the answers, and the status codes of the refusals. */
export async function outcomes<T>(calls: Promise<T>[]) {
  const settled = await Promise.allSettled(calls);
  const won = settled.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  const codes = settled
    .filter((one) => one.status === 'rejected')
    .map(({ reason }: { reason: unknown }) => statusOf(reason));
  return { won, codes };
}
