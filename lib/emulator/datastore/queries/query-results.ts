import { numberValue } from '../properties/numbers.js';
import { type Micros, toMicros, toTimestamp } from '../time.js';
import { valueBytes } from '../values/value-bytes.js';
import type {
  Entity,
  EntityResult,
  Properties,
  QueryResultBatch,
  Value,
} from '../wire/messages.js';
import type { Wire } from '../wire/wire.js';
import type { Batch } from './batch.js';
import { toCursor } from './cursor.js';
import { indexedElements } from './property-values.js';
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
    const stored = this.wire.decodeEntity(row.entity.bytes);
    const entity = this.plan.mask ? this.plan.mask.selectFrom(stored) : stored;
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

/** The value that has these bytes in the index, as the index knows it: times are integers there. */
function indexedValue(properties: Properties, name: string, bytes: Buffer | undefined) {
  const values = bytes ? indexedElements(properties, name) : [];
  const found = values.find((value) => bytes && valueBytes(value)?.equals(bytes));
  if (found?.valueType !== 'timestampValue')
    return found && { ...found, meaning: PROJECTION_MEANING };
  const micros = toMicros(found.timestampValue);
  return { ...numberValue(micros), meaning: PROJECTION_MEANING };
}

function withoutVersion(entity: Entity, cursor: Buffer): EntityResult {
  return { entity, version: '0', createTime: null, updateTime: null, cursor };
}
