import type { StoredEntity } from '../storage/stored-entity.js';
import type { View } from '../storage/view.js';
import type { QueryTarget } from '../transactions/read-target.js';
import type { QueryResultBatch } from '../wire/messages.js';
import type { Wire } from '../wire/wire.js';
import { nextBatch } from './batch.js';
import { Evaluation } from './evaluation.js';
import type { QueryPlan } from './query-plan.js';
import { QueryResults } from './query-results.js';

/** A query that can be run, and remembered by a transaction. */
export class PlannedQuery implements QueryTarget {
  readonly #evaluation: Evaluation;

  constructor(
    private readonly plan: QueryPlan,
    private readonly wire: Wire,
  ) {
    this.#evaluation = new Evaluation(plan, wire);
  }

  batch(view: View): QueryResultBatch {
    const batch = nextBatch(this.plan, this.#evaluation, view);
    return new QueryResults(this.plan, this.wire).message(batch, view.readTime);
  }

  matches(entity: StoredEntity): boolean {
    return this.#evaluation.rows(entity).length > 0;
  }

  fingerprint(view: View): string {
    const { rows } = nextBatch(this.plan, this.#evaluation, view);
    return rows.map(({ key, entity }) => `${key.toString('hex')}@${entity.version}`).join();
  }
}
