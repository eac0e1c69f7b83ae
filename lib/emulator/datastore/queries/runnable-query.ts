import type { View } from '../storage/view.js';
import type { QueryTarget } from '../transactions/read-target.js';

/** A query that a transaction can remember, with its answer. */
export interface RunnableQuery<Response> extends QueryTarget {
  /** `transaction` is the id of one that begins with this query; otherwise empty. */
  response(view: View, transaction: Buffer): Response;
}
