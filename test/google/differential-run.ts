import type { KeyProto } from '../../lib/google/datastore-api.js';
import {
  isProjection,
  type MutationSpec,
  type Operation,
  type QuerySpec,
} from './differential-operations.js';
import {
  entityText,
  keyText,
  projectId,
  propertiesText,
  type Target,
} from './differential-target.js';

/** A transaction that is open. */
interface Open {
  readonly id: Buffer;
  readonly readOnly: boolean;
  /** How many commits there had been before its first read. */
  snapshot?: number;
  /** The entity groups that it has read. */
  readonly groups: Set<string>;
}

/** Runs a sequence on one target, in a namespace of its own, and says what was seen, one line an operation. */
export class Run {
  readonly #open = new Map<number, Open>();
  /** Of every entity group, after how many commits it was last written. */
  readonly #written = new Map<string, number>();
  #commits = 0;

  constructor(
    private readonly target: Target,
    private readonly namespaceId: string,
    /** Writers would wait for open transactions: whoever could block is left out. */
    private readonly mayBlock: boolean,
  ) {}

  async observe(operations: readonly Operation[]): Promise<string[]> {
    const seen: string[] = [];
    for (const operation of operations)
      seen.push(`${operation.type}: ${await this.#observe(operation)}`);
    for (const { id } of this.#open.values()) await this.target('rollback', { transaction: id });
    return seen;
  }

  async #observe(operation: Operation): Promise<string> {
    switch (operation.type) {
      case 'write':
        if (this.mayBlock && this.#open.size > 0) return 'left out';
        return this.#commit({ mode: 'NON_TRANSACTIONAL' }, distinctKeys(operation.mutations));
      case 'lookup':
        return this.#lookup(operation.paths, {});
      case 'query':
        return this.#query(operation.query);
      case 'aggregate':
        return this.#aggregate(operation.query, operation.property);
      case 'begin':
        return this.#begin(operation.slot, operation.readOnly);
      case 'txLookup': {
        const open = this.#open.get(operation.slot);
        if (!open) return 'none open';
        if (this.#isOvertaken(open, operation.paths)) return 'left out';
        return this.#lookup(operation.paths, { transaction: open.id });
      }
      case 'txCommit':
        return this.#commitTransaction(operation.slot, operation.mutations);
      case 'txRollback':
        return this.#rollback(operation.slot);
    }
  }

  /**
   * Whether a group that a transaction has read, or is to read, was written after its first read. Google's Datastore
   * emulator has a snapshot for each group, and aborts here whom it would not let commit.
   */
  #isOvertaken(open: Open, paths: readonly KeyProto['path'][]): boolean {
    const snapshot = (open.snapshot ??= this.#commits);
    for (const path of paths) open.groups.add(groupOf(path));
    return [...open.groups].some((group) => (this.#written.get(group) ?? 0) > snapshot);
  }

  async #begin(slot: number, readOnly: boolean): Promise<string> {
    if (this.#open.has(slot)) return 'already open';
    const transactionOptions = readOnly ? { readOnly: {} } : { readWrite: {} };
    const response = await this.target('beginTransaction', { transactionOptions });
    if (typeof response === 'number') return `refused ${response}`;
    this.#open.set(slot, { id: response.transaction, readOnly, groups: new Set() });
    return 'begun';
  }

  async #commitTransaction(slot: number, mutations: readonly MutationSpec[]): Promise<string> {
    const open = this.#open.get(slot);
    if (!open) return 'none open';
    if (open.readOnly) return this.#rollback(slot);
    this.#open.delete(slot);
    const seen = await this.#commit(
      { mode: 'TRANSACTIONAL', transaction: open.id },
      distinctKeys(mutations),
    );
    await this.target('rollback', { transaction: open.id });
    return seen;
  }

  async #rollback(slot: number): Promise<string> {
    const open = this.#open.get(slot);
    if (!open) return 'none open';
    this.#open.delete(slot);
    const response = await this.target('rollback', { transaction: open.id });
    return typeof response === 'number' ? `refused ${response}` : 'rolled back';
  }

  async #commit(how: object, mutations: readonly MutationSpec[]): Promise<string> {
    const response = await this.target('commit', {
      ...how,
      mutations: mutations.map(({ operation, path, properties }) => ({
        [operation]:
          operation === 'delete'
            ? this.#key(path)
            : { key: this.#key(path), properties: this.#located(properties) },
      })),
    });
    if (typeof response === 'number') return `refused ${response}`;
    this.#commits++;
    for (const { path } of mutations) this.#written.set(groupOf(path), this.#commits);
    return `${response.mutationResults.length} applied`;
  }

  async #lookup(paths: readonly KeyProto['path'][], readOptions: object): Promise<string> {
    const keys = paths.map((path) => this.#key(path));
    const response = await this.target('lookup', { keys, readOptions });
    if (typeof response === 'number') return `refused ${response}`;
    const found = response.found.map(({ entity }) => entityText(entity)).toSorted();
    const missing = response.missing.map(({ entity }) => keyText(entity.key)).toSorted();
    return `found ${found.join(' ')}; missing ${missing.join(' ')}`;
  }

  /** The whole result, page after page. */
  async #query(spec: QuerySpec): Promise<string> {
    const pages: string[] = [];
    let cursor: Buffer | undefined;
    for (let page = 0; page < 12; page++) {
      const query = {
        ...this.#queryProto(spec),
        ...(cursor && { startCursor: cursor, offset: 0 }),
      };
      const response = await this.target('runQuery', { partitionId: this.#partition(), query });
      if (typeof response === 'number') return `refused ${response}`;
      const { entityResults, entityResultType, skippedResults, endCursor } = response.batch;
      const results = entityResults.map(({ entity }) => entityText(entity));
      pages.push(`${entityResultType} skipped ${skippedResults}: ${results.join(' ')}`);
      if (spec.limit === undefined || entityResults.length < spec.limit) break;
      cursor = endCursor;
    }
    return pages.join(' | ');
  }

  async #aggregate(spec: QuerySpec, name: string): Promise<string> {
    const response = await this.target('runAggregationQuery', {
      partitionId: this.#partition(),
      aggregationQuery: {
        nestedQuery: this.#queryProto(spec),
        aggregations: [
          { alias: 'all', count: {} },
          { alias: 'most', count: { upTo: { value: 2 } } },
          { sum: { property: { name } } },
        ],
      },
    });
    if (typeof response === 'number') return `refused ${response}`;
    return response.batch.aggregationResults
      .map(({ aggregateProperties }) => propertiesText(aggregateProperties))
      .join(' ');
  }

  #queryProto({ kind, filter, order, projection, distinct, offset, limit }: QuerySpec) {
    return this.#located({
      kind: [{ name: kind }],
      ...(filter && { filter }),
      order,
      projection: projection.map((name) => ({ property: { name } })),
      distinctOn: distinct && isProjection(projection) ? projection.map((name) => ({ name })) : [],
      offset,
      ...(limit !== undefined && { limit: { value: limit } }),
    });
  }

  #partition() {
    return { projectId, namespaceId: this.namespaceId };
  }

  #key(path: KeyProto['path']) {
    return { partitionId: this.#partition(), path };
  }

  /** The same with all keys inside in our namespace. */
  #located<T>(content: T): T {
    const copy: unknown = structuredClone(content);
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('keyValue' in value)
        Object.assign(value.keyValue as object, { partitionId: this.#partition() });
      Object.values(value).forEach(visit);
    };
    visit(copy);
    return copy as T;
  }
}

function groupOf(path: KeyProto['path']): string {
  return JSON.stringify(path?.[0]);
}

/** One mutation a key: repeated keys have rules of their own, which are tested elsewhere. */
function distinctKeys(mutations: readonly MutationSpec[]): MutationSpec[] {
  return [...new Map(mutations.map((one) => [JSON.stringify(one.path), one])).values()];
}
