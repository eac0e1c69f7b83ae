import { type Micros, toTimestamp } from '../time.js';
import { valueBytes } from '../values/value-bytes.js';
import type { Entity, EntityResult, QueryResultBatch, Value } from '../wire/messages.js';
import type { Wire } from '../wire/wire.js';
import type { Batch } from './batch.js';
import { toCursor } from './cursor.js';
import type { QueryPlan } from './query-plan.js';
import type { Row } from './row.js';

/** Says of a value that it came out of an index. */
const PROJECTION_MEANING = 18;

/** The messages for the rows of a batch. */
export class QueryResults {
  constructor(
    private readonly plan: QueryPlan,
    private readonly wire: Wire,
  ) {}

  message({ rows, skipped, skippedEnd, end, more }: Batch, readTime: Micros): QueryResultBatch {
    return {
      skippedResults: skipped,
      skippedCursor: skippedEnd ? toCursor(skippedEnd) : Buffer.alloc(0),
      entityResultType: this.plan.resultType,
      entityResults: rows.map((row) => this.#result(row)),
      endCursor: toCursor(end),
      moreResults: more,
      snapshotVersion: String(readTime),
      readTime: toTimestamp(readTime),
    };
  }

  #result(row: Row): EntityResult {
    const entity = this.wire.decodeEntity(row.entity.bytes);
    const cursor = toCursor(row);
    switch (this.plan.resultType) {
      case 'FULL': {
        const updateTime = toTimestamp(row.entity.version);
        const createTime = toTimestamp(row.entity.created);
        return { entity, version: String(row.entity.version), createTime, updateTime, cursor };
      }
      case 'KEY_ONLY':
        return withoutVersion({ key: entity.key, properties: {} }, cursor);
      case 'PROJECTION':
      default:
        return withoutVersion(this.#projected(entity, row), cursor);
    }
  }

  #projected({ key, properties }: Entity, row: Row): Entity {
    const entries = this.plan.projection.map((name) => {
      const at = this.plan.orders.findIndex(({ property }) => property === name);
      return [name, indexedValue(properties, name, row.values[at])] as const;
    });
    return { key, properties: Object.fromEntries(entries.filter(isFound)) };
  }
}

type Projected = readonly [string, Value | undefined];

function isFound(entry: Projected): entry is readonly [string, Value] {
  return entry[1] !== undefined;
}

/** The value of the property that has these bytes in the index. */
function indexedValue(properties: Entity['properties'], name: string, bytes: Buffer | undefined) {
  const found =
    bytes && valuesNamed(properties, name).find((value) => valueBytes(value)?.equals(bytes));
  return found && { ...found, meaning: PROJECTION_MEANING };
}

function valuesNamed(properties: Entity['properties'], name: string): Value[] {
  return Object.entries(properties).flatMap(([own, value]) => {
    if (own === name) return elementsOf(value);
    if (!name.startsWith(`${own}.`)) return [];
    const inner = name.slice(own.length + 1);
    return elementsOf(value).flatMap((element) =>
      element.valueType === 'entityValue' ? valuesNamed(element.entityValue.properties, inner) : [],
    );
  });
}

function elementsOf(value: Value): Value[] {
  return value.valueType === 'arrayValue' ? value.arrayValue.values : [value];
}

function withoutVersion(entity: Entity, cursor: Buffer): EntityResult {
  return { entity, version: '0', createTime: null, updateTime: null, cursor };
}
