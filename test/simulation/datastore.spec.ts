import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { decodeProperties } from '../../lib/datastore/decode.js';
import { keyText } from '../../lib/datastore/keys.js';
import { DatastoreEngine } from '../../lib/emulator/datastore/datastore-engine.js';
import { Protos } from '../../lib/emulator/protos.js';
import type { EntityProto, LookupResponse, QueryProto } from '../../lib/google/datastore-api.js';
import { statusOf } from '../../lib/google/status.js';
import { Random } from './decisions/random.js';
import type { Outcome } from './google/outcome.js';
import { SimulatedDatastore } from './google/simulated-datastore.js';
import { Scheduler } from './world/scheduler.js';

const protos = Protos.datastore();
const projectId = 'simulated';
const names = ['a', 'b', 'c'] as const;
const keyOf = (name: string) => ({
  partitionId: { namespaceId: '' },
  path: [{ kind: 'Chain', name }],
});

function entityOf(name: string, value: number): EntityProto {
  return {
    key: keyOf(name),
    properties: {
      lock_due: { stringValue: `${value % 8}:${value}`, excludeFromIndexes: value % 5 === 0 },
      value: { integerValue: String(value) },
    },
  };
}

const query: QueryProto = {
  kind: [{ name: 'Chain' }],
  filter: {
    compositeFilter: {
      op: 'AND',
      filters: [
        {
          propertyFilter: {
            property: { name: 'lock_due' },
            op: 'GREATER_THAN_OR_EQUAL',
            value: { stringValue: '2:' },
          },
        },
        {
          propertyFilter: {
            property: { name: 'lock_due' },
            op: 'LESS_THAN_OR_EQUAL',
            value: { stringValue: '6:9' },
          },
        },
      ],
    },
  },
  limit: { value: 2 },
};

/** The simulated Datastore and the emulator's engine, told the same. */
class Pair {
  /** Calls that wait for somebody else's lock. */
  readonly waiting = new Set<string>();
  private readonly scheduler = new Scheduler();
  private readonly simulated: SimulatedDatastore<undefined>;
  private readonly engine: DatastoreEngine;
  private readonly database = new DatabaseSync(':memory:');
  private readonly transactions = new Map<string, { simulated: string; engine: Uint8Array }>();

  constructor(concurrency: 'optimistic' | 'pessimistic') {
    const { scheduler } = this;
    this.simulated = new SimulatedDatastore({ concurrency, tellsTime: true }, scheduler, () => {});
    const clock = {
      now: () => scheduler.now(),
      after: (ms: number, task: () => void) => scheduler.after(ms, 'engine', task),
    };
    this.engine = new DatastoreEngine({ database: this.database, clock, concurrency, protos });
  }

  close(): void {
    this.engine.close();
    this.database.close();
  }

  async begin(id: string, keys: readonly string[]): Promise<unknown[]> {
    const request = { projectId, keys: keys.map(keyOf), readOptions: { newTransaction: {} } };
    return this.compare(
      id,
      () =>
        new Promise<Outcome<LookupResponse>>((resolve) => {
          this.simulated.lookup(request, resolve);
        }),
      this.engine.lookup(request),
      (simulated: LookupResponse, engine: LookupResponse) => {
        this.transactions.set(id, {
          simulated: String(simulated.transaction),
          engine: Buffer.from(engine.transaction ?? ''),
        });
      },
    );
  }

  async commit(id: string, entities: readonly EntityProto[]): Promise<unknown[]> {
    const { simulated = 'none', engine = Buffer.from('none') } = this.transactions.get(id) ?? {};
    const mutations = entities.map((upsert) => ({ upsert }));
    const request = { projectId, mode: 'TRANSACTIONAL', mutations } as const;
    return this.compare(
      `${id} commits`,
      () =>
        new Promise<Outcome<object>>((resolve) => {
          this.simulated.commit({ ...request, transaction: simulated }, undefined, resolve);
        }),
      this.engine.commit({ ...request, transaction: engine }),
    );
  }

  async rollback(id: string): Promise<unknown[]> {
    const { simulated = 'none', engine = Buffer.from('none') } = this.transactions.get(id) ?? {};
    return this.compare(
      `${id} rolls back`,
      () =>
        new Promise<Outcome<object>>((resolve) => {
          this.simulated.rollback(simulated, resolve);
        }),
      this.engine.rollback({ projectId, transaction: engine }),
    );
  }

  async find(): Promise<unknown[]> {
    const request = { projectId, query };
    return this.compare(
      'query',
      () =>
        new Promise<Outcome<object>>((resolve) => {
          this.simulated.runQuery(request, resolve);
        }),
      this.engine.runQuery(request),
    );
  }

  private async compare<T extends object, U extends object>(
    _id: string,
    simulated: () => Promise<Outcome<T>>,
    engine: Promise<U>,
    found: (simulated: T, engine: U) => void = () => {},
  ): Promise<unknown[]> {
    const results: unknown[] = ['waits', 'waits'];
    const values: { simulated?: T; engine?: U } = {};
    simulated().then(
      (outcome) => {
        results[0] = 'error' in outcome ? statusOf(outcome.error) : plain(outcome.value);
        if ('value' in outcome) values.simulated = outcome.value;
      },
      () => {},
    );
    engine.then(
      (value) => {
        results[1] = plain(value);
        values.engine = value;
      },
      (error: unknown) => {
        results[1] = statusOf(error);
      },
    );
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    if (values.simulated && values.engine) found(values.simulated, values.engine);
    return results;
  }
}

/** What of an answer both must agree in: which entities, and what is in them. */
function plain(answer: object): unknown {
  const found = 'found' in answer ? answer.found : undefined;
  const batch = 'batch' in answer ? answer.batch : undefined;
  const results = Array.isArray(found)
    ? found
    : typeof batch === 'object' && batch && 'entityResults' in batch
      ? batch.entityResults
      : [];
  const entities: unknown[] = Array.isArray(results) ? results : [];
  return entities.map((result) => {
    const { entity } = result as { entity: EntityProto };
    return [keyText(entity.key ?? {}), decodeProperties(entity)];
  });
}

describe.each(['optimistic', 'pessimistic'] as const)('the simulated Datastore, %s', (mode) => {
  it('answers as the engine of the emulator does', async () => {
    for (let seed = 0; seed < 150; seed++) {
      const random = new Random(seed, 9);
      const pair = new Pair(mode);
      const open: string[] = [];
      for (let step = 0; step < 25; step++) {
        const id = `t${step}`;
        const chosen = open[random.below(open.length)];
        const what = chosen ? random.below(5) : 0;
        const name = random.pick(names);
        let results: unknown[];
        if (what === 0 || !chosen) {
          results = await pair.begin(id, random.chance(0.3) ? ['a', 'b'] : [name]);
          if (results[0] !== 'waits') open.push(id);
        } else if (what < 3) {
          results = await pair.commit(chosen, [entityOf(name, seed * 100 + step)]);
          open.splice(open.indexOf(chosen), 1);
        } else if (what === 3) {
          results = await pair.rollback(chosen);
          open.splice(open.indexOf(chosen), 1);
        } else results = await pair.find();
        expect(results[0], `seed ${seed}, step ${step}, kind ${what}`).toEqual(results[1]);
        if (results[0] === 'waits') break;
      }
      pair.close();
    }
  });
});
