import type { Entity, Key, Properties, Timestamp, Value } from './entity-messages.js';

export interface EntityResult {
  entity: Entity;
  version: string;
  createTime: Timestamp | null;
  updateTime: Timestamp | null;
  cursor: Buffer;
}

export interface LookupResponse {
  found: EntityResult[];
  missing: EntityResult[];
  deferred: Key[];
  transaction: Buffer;
  readTime: Timestamp | null;
}

export interface MutationResult {
  key: Key | null;
  version: string;
  createTime: Timestamp | null;
  updateTime: Timestamp | null;
  conflictDetected: boolean;
  transformResults: Value[];
}

export interface CommitResponse {
  mutationResults: MutationResult[];
  indexUpdates: number;
  commitTime: Timestamp | null;
}

export type MoreResults =
  'NOT_FINISHED' | 'MORE_RESULTS_AFTER_LIMIT' | 'MORE_RESULTS_AFTER_CURSOR' | 'NO_MORE_RESULTS';

export type ResultType = 'FULL' | 'PROJECTION' | 'KEY_ONLY';

export interface QueryResultBatch {
  skippedResults: number;
  skippedCursor: Buffer;
  entityResultType: ResultType;
  entityResults: EntityResult[];
  endCursor: Buffer;
  moreResults: MoreResults;
  snapshotVersion: string;
  readTime: Timestamp | null;
}

export interface RunQueryResponse {
  batch: QueryResultBatch;
  query: null;
  transaction: Buffer;
  explainMetrics: null;
}

export interface RunAggregationQueryResponse {
  batch: {
    aggregationResults: { aggregateProperties: Properties }[];
    moreResults: MoreResults;
    readTime: Timestamp | null;
  };
  query: null;
  transaction: Buffer;
  explainMetrics: null;
}
