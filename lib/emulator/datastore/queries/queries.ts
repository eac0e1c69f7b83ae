import { invalidArgument, unimplemented } from '../refusals.js';
import type { RunAggregationQueryRequest, RunQueryRequest } from '../wire/requests.js';
import type { Wire } from '../wire/wire.js';
import { namedAggregations } from './named-aggregations.js';
import { PlannedAggregation } from './planned-aggregation.js';
import { PlannedQuery } from './planned-query.js';
import { planQuery } from './query-plan.js';

/** Plans what is asked. Throws INVALID_ARGUMENT, and UNIMPLEMENTED for GQL, explanations and vector searches. */
export class Queries {
  constructor(private readonly wire: Wire) {}

  query(request: RunQueryRequest): PlannedQuery {
    refuseUnimplemented(request);
    if (request.queryType !== 'query') throw invalidArgument('The request has no query.');
    return new PlannedQuery(planQuery(request.query, { ...request, request }), this.wire);
  }

  aggregation(request: RunAggregationQueryRequest): PlannedAggregation {
    refuseUnimplemented(request);
    if (request.queryType !== 'aggregationQuery' || !request.aggregationQuery.nestedQuery) {
      throw invalidArgument('The request has no query.');
    }
    const { nestedQuery, aggregations } = request.aggregationQuery;
    const named = namedAggregations(aggregations);
    const aggregated = named.flatMap(({ property }) => property ?? []);
    const { partitionId } = request;
    const plan = planQuery(nestedQuery, { request, partitionId, aggregated });
    return new PlannedAggregation(plan, named, this.wire);
  }
}

function refuseUnimplemented(request: RunQueryRequest | RunAggregationQueryRequest): void {
  if (request.explainOptions) throw unimplemented('explain options');
  if (request.queryType === 'gqlQuery') throw unimplemented('GQL');
}
