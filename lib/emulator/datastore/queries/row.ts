import type { StoredEntity } from '../storage/stored-entity.js';
import type { Position } from './cursor.js';
import type { QueryPlan } from './query-plan.js';

/** One result before it is turned into a message; an entity can make several, in projections of arrays. */
export interface Row extends Position {
  readonly entity: StoredEntity;
}

type Compare = (a: Position, b: Position) => number;

/** Compares rows as the query orders them. */
export function rowOrder({ orders, keyDescending }: QueryPlan): Compare {
  return (a, b) => {
    for (const [at, { descending }] of orders.entries()) {
      const order = compareAt(at, a, b);
      if (order !== 0) return descending ? -order : order;
    }
    const order = Buffer.compare(a.key, b.key);
    return keyDescending ? -order : order;
  };
}

function compareAt(at: number, a: Position, b: Position): number {
  const [left, right] = [a.values[at], b.values[at]];
  return left && right ? Buffer.compare(left, right) : 0;
}
