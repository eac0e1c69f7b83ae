import { type Micros, toTimestamp } from '../time.js';
import type { Entity, Value } from '../wire/entity-messages.js';
import type { EntityResult, QueryResultBatch } from '../wire/responses.js';
import type { Wire } from '../wire/wire.js';
import type { Batch } from './batch.js';
import { toCursor } from './cursor.js';
import { projectedValue } from './projected-value.js';
import type { QueryPlan } from './query-plan.js';
import type { Row } from './row.js';

const NOTHING = Buffer.alloc(0);

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
    const cursor = toCursor(row);
    const result = this.wire.storedResult(row.entity, cursor, this.plan.mask);
    switch (this.plan.resultType) {
      case 'FULL':
        return result;
      case 'KEY_ONLY':
        return withoutVersion({ key: result.entity.key, properties: {} }, cursor);
      case 'PROJECTION':
      default:
        return withoutVersion(this.#projected(result.entity, row), cursor);
    }
  }

  #projected({ key, properties }: Entity, row: Row): Entity {
    const entries = this.plan.projection.map((name) => {
      const at = this.plan.orders.findIndex(({ property }) => property === name);
      return [name, projectedValue(properties, name, row.values[at] ?? NOTHING)] as const;
    });
    return { key, properties: Object.fromEntries(entries.filter(isFound)) };
  }
}

type Projected = readonly [string, Value | undefined];

function isFound(entry: Projected): entry is readonly [string, Value] {
  return entry[1] !== undefined;
}

function withoutVersion(entity: Entity, cursor: Buffer): EntityResult {
  return { entity, version: '0', createTime: null, updateTime: null, cursor };
}
