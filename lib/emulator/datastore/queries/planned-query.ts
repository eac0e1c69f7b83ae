import type { StoredEntity } from '../storage/stored-entity.js';
import type { View } from '../storage/view.js';
import type { RunnableQuery } from './runnable-query.js';
import type { RunQueryResponse } from '../wire/responses.js';
import type { Wire } from '../wire/wire.js';
import { type Batch, nextBatch } from './batch.js';
import { Evaluation } from './evaluation.js';
import type { QueryPlan } from './query-plan.js';
import { QueryResults } from './query-results.js';
import { selection } from './selection.js';

/** A query that can be run, and remembered by a transaction. */
export class PlannedQuery implements RunnableQuery<RunQueryResponse> {
  readonly #evaluation: Evaluation;

  constructor(
    private readonly plan: QueryPlan,
    private readonly wire: Wire,
  ) {
    this.#evaluation = new Evaluation(plan, wire);
  }

  response(view: View, transaction: Buffer): RunQueryResponse {
    const results = new QueryResults(this.plan, this.wire);
    const batch = results.message(this.#batch(view), view.readTime);
    return { batch, query: null, transaction, explainMetrics: null };
  }

  matches(entity: StoredEntity): boolean {
    return this.#evaluation.rows(entity).length > 0;
  }

  fingerprint(view: View): string {
    const { rows } = this.#batch(view);
    return rows.map(({ key, entity }) => `${key.toString('hex')}@${entity.version}`).join();
  }

  #batch(view: View): Batch {
    return nextBatch(selection(this.plan, this.#evaluation, view), this.plan.start);
  }
}
