import { kindOf } from '../keys/key.js';
import { partitionBytes } from '../keys/key-bytes.js';
import { KEY_PROPERTY } from '../storage/index-scope.js';
import type { View } from '../storage/view.js';
import type { StoredEntity } from '../storage/stored-entity.js';
import { indexedValues, type IndexedValues } from '../values/indexed-values.js';
import { KEY_TYPE } from '../values/value-bytes.js';
import type { Wire } from '../wire/wire.js';
import { type Conjunction, satisfying, unconstrained } from './conjunction.js';
import { metadata } from './metadata.js';
import type { QueryPlan } from './query-plan.js';
import type { Row } from './row.js';

/** Decides from the entities themselves what a query returns; indexes only bring the entities to look at. */
export class Evaluation {
  readonly #partition: Buffer;
  readonly #expanding: ReadonlySet<string>;

  constructor(
    private readonly plan: QueryPlan,
    private readonly wire: Wire,
  ) {
    this.#partition = partitionBytes(plan.partition);
    this.#expanding = new Set([...plan.projection, ...plan.distinctOn]);
  }

  /** The rows that the entity makes: none if it does not match. */
  rows(entity: StoredEntity): Row[] {
    if (!entity.key.subarray(0, this.#partition.length).equals(this.#partition)) return [];
    const { key, properties } = this.wire.decodeEntity(entity.bytes);
    if (!key || (this.plan.kind !== undefined && kindOf(key) !== this.plan.kind)) return [];
    const ofKey = [KEY_PROPERTY, [Buffer.concat([KEY_TYPE, entity.key])]] as const;
    const values = new Map([...indexedValues(properties), ofKey]);
    return this.plan.branches.flatMap((branch) => this.#rowsOf(branch, entity, values));
  }

  /** The rows of a query for what is in use: namespaces, kinds, properties. Undefined for all others. */
  metadata({ store }: View): Row[] | undefined {
    const { kind, partition } = this.plan;
    return metadata(kind, partition, store, this.wire)?.flatMap((entity) => this.rows(entity));
  }

  #rowsOf(branch: Conjunction, entity: StoredEntity, values: IndexedValues): Row[] {
    const { ancestor, constraints } = branch;
    if (ancestor && !entity.key.subarray(0, ancestor.length).equals(ancestor)) return [];
    const counting = (name: string) =>
      satisfying(values.get(name) ?? [], constraints.get(name) ?? unconstrained);
    for (const name of constraints.keys()) if (counting(name).length === 0) return [];
    const choices = this.plan.orders.map(({ property, descending }) => {
      const all = counting(property);
      return this.#expanding.has(property) ? all : all.slice(...(descending ? [-1] : [0, 1]));
    });
    return combinations(choices).map((row) => ({ values: row, key: entity.key, entity }));
  }
}

/** Every way to take one of each. */
function combinations(choices: readonly (readonly Buffer[])[]): Buffer[][] {
  return choices.reduce<Buffer[][]>(
    (rows, choice) => rows.flatMap((row) => choice.map((value) => [...row, value])),
    [[]],
  );
}
