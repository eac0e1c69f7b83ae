import { describeKey, kindOf } from '../keys/key.js';
import { RpcError } from '../../rpc-error.js';
import { Status } from '../../../google/status.js';
import { indexEntries } from '../storage/index-entries.js';
import type { Change, Store } from '../storage/store.js';
import type { StoredEntity } from '../storage/stored-entity.js';
import { type Micros, toTimestamp } from '../time.js';
import type { Properties, Value } from '../wire/entity-messages.js';
import type { MutationResult } from '../wire/responses.js';
import type { Wire } from '../wire/wire.js';
import { isConflict } from './conflict-detection.js';
import { checkEntitySize } from './entity-limits.js';
import { transformed } from './property-transforms.js';
import { storableProperties } from './storable-properties.js';
import type { Write } from './write.js';

/** A commit in the making: mutations applied in order to the entities as they are now. */
export class Draft {
  readonly #changes = new Map<string, Change>();

  constructor(
    private readonly store: Store,
    private readonly wire: Wire,
    /** The time of the commit. */
    private readonly at: Micros,
  ) {}

  /** What is to be committed, one change for each entity. */
  get changes(): Change[] {
    return [...this.#changes.values()];
  }

  /** Throws ALREADY_EXISTS, NOT_FOUND, FAILED_PRECONDITION (a conflict that is to fail), INVALID_ARGUMENT (too big). */
  apply(write: Write): MutationResult {
    const { before, after: current } = this.#changes.get(write.name) ?? this.#unchanged(write);
    if (isConflict(write.mutation, current)) return this.#result(write, current, true, []);
    checkPresence(write, current);
    if (write.operation === 'delete') {
      if (current) this.#set(write, before, undefined);
      return this.#result(write, undefined, false, []);
    }
    const { properties, results } = this.#properties(write, current);
    const after = this.#entity(write, properties, current?.created ?? this.at);
    this.#set(write, before, after);
    return this.#result(write, after, false, results);
  }

  #unchanged({ bytes: key }: Write): Change {
    const stored = this.store.entities.get(key);
    return { key, before: stored, after: stored };
  }

  #properties({ mask, properties, mutation, key }: Write, current: StoredEntity | undefined) {
    const { propertyTransforms } = mutation;
    if (!mask && propertyTransforms.length === 0) return { properties, results: [] };
    const old = current && mask ? this.wire.decodeEntity(current.bytes).properties : {};
    const masked = mask ? mask.overlay(old, properties) : properties;
    const after = transformed(masked, propertyTransforms, this.at);
    return { ...after, properties: storableProperties(after.properties, key.partitionId) };
  }

  #entity(
    { bytes: key, key: { partitionId, path } }: Write,
    properties: Properties,
    created: Micros,
  ) {
    const bytes = this.wire.encodeEntity({ key: { partitionId, path }, properties });
    checkEntitySize(bytes);
    const entries = indexEntries(partitionId, kindOf({ path }), properties);
    return { key, version: this.at, created, bytes, entries };
  }

  #set(
    { name, bytes: key }: Write,
    before: StoredEntity | undefined,
    after: StoredEntity | undefined,
  ): void {
    this.#changes.set(name, { key, before, after });
  }

  #result(
    { allocated, key }: Write,
    stored: StoredEntity | undefined,
    conflictDetected: boolean,
    transformResults: Value[],
  ): MutationResult {
    return {
      key: allocated ? key : null,
      version: String(stored?.version ?? this.at),
      createTime: stored ? toTimestamp(stored.created) : null,
      updateTime: stored ? toTimestamp(stored.version) : null,
      conflictDetected,
      transformResults,
    };
  }
}

function checkPresence({ operation, key }: Write, current: StoredEntity | undefined): void {
  if (operation === 'insert' && current) {
    throw new RpcError(Status.ALREADY_EXISTS, `entity already exists: ${describeKey(key)}`);
  }
  if (operation === 'update' && !current) {
    throw new RpcError(Status.NOT_FOUND, `no entity to update: ${describeKey(key)}`);
  }
}
