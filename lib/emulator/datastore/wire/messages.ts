/**
 * The messages of google.datastore.v1 as Google's clients decode them: every field present, 64-bit integers as
 * strings, enums by name, bytes as Buffers, and beside every oneof the name of the field that is set.
 */

export interface Timestamp {
  seconds: string;
  nanos: number;
}

export interface PartitionId {
  projectId: string;
  databaseId: string;
  namespaceId: string;
}

export type PathElement =
  | { kind: string; idType: 'id'; id: string }
  | { kind: string; idType: 'name'; name: string }
  | { kind: string; idType?: undefined };

export interface Key {
  partitionId: PartitionId | null;
  path: PathElement[];
}

interface ValueFlags {
  /** Old App Engine types have one; carried, never interpreted. */
  meaning: number;
  excludeFromIndexes: boolean;
}

export type Value = ValueFlags &
  (
    | { valueType: 'nullValue'; nullValue: 'NULL_VALUE' }
    | { valueType: 'booleanValue'; booleanValue: boolean }
    | { valueType: 'integerValue'; integerValue: string }
    | { valueType: 'doubleValue'; doubleValue: number }
    | { valueType: 'timestampValue'; timestampValue: Timestamp }
    | { valueType: 'keyValue'; keyValue: Key }
    | { valueType: 'stringValue'; stringValue: string }
    | { valueType: 'blobValue'; blobValue: Buffer }
    | { valueType: 'geoPointValue'; geoPointValue: { latitude: number; longitude: number } }
    | { valueType: 'entityValue'; entityValue: Entity }
    | { valueType: 'arrayValue'; arrayValue: { values: Value[] } }
    | { valueType?: undefined }
  );

export type Properties = Record<string, Value>;

export interface Entity {
  key: Key | null;
  properties: Properties;
}

export interface PropertyMask {
  paths: string[];
}

export interface TransactionOptions {
  mode?: 'readWrite' | 'readOnly';
  readWrite?: { previousTransaction: Buffer };
  readOnly?: { readTime: Timestamp | null };
}

export type ReadOptions =
  | { consistencyType: 'readConsistency'; readConsistency: string }
  | { consistencyType: 'transaction'; transaction: Buffer }
  | { consistencyType: 'newTransaction'; newTransaction: TransactionOptions }
  | { consistencyType: 'readTime'; readTime: Timestamp }
  | { consistencyType?: undefined };

/** What every request carries. */
export interface DatabaseRequest {
  projectId: string;
  databaseId: string;
}

export interface LookupRequest extends DatabaseRequest {
  keys: Key[];
  readOptions: ReadOptions | null;
  propertyMask: PropertyMask | null;
}

export interface BeginTransactionRequest extends DatabaseRequest {
  transactionOptions: TransactionOptions | null;
}

export interface RollbackRequest extends DatabaseRequest {
  transaction: Buffer;
}

export interface KeysRequest extends DatabaseRequest {
  keys: Key[];
}

export type PropertyTransform = { property: string } & (
  | { transformType: 'setToServerValue'; setToServerValue: string }
  | { transformType: 'increment'; increment: Value }
  | { transformType: 'maximum'; maximum: Value }
  | { transformType: 'minimum'; minimum: Value }
  | { transformType: 'appendMissingElements'; appendMissingElements: { values: Value[] } }
  | { transformType: 'removeAllFromArray'; removeAllFromArray: { values: Value[] } }
  | { transformType?: undefined }
);

export type Mutation = {
  conflictDetectionStrategy?: 'baseVersion' | 'updateTime';
  baseVersion?: string;
  updateTime?: Timestamp;
  conflictResolutionStrategy: 'STRATEGY_UNSPECIFIED' | 'SERVER_VALUE' | 'FAIL';
  propertyMask: PropertyMask | null;
  propertyTransforms: PropertyTransform[];
} & (
  | { operation: 'insert'; insert: Entity }
  | { operation: 'update'; update: Entity }
  | { operation: 'upsert'; upsert: Entity }
  | { operation: 'delete'; delete: Key }
  | { operation?: undefined }
);

export type CommitRequest = DatabaseRequest & {
  mode: 'MODE_UNSPECIFIED' | 'TRANSACTIONAL' | 'NON_TRANSACTIONAL';
  mutations: Mutation[];
} & (
    | { transactionSelector: 'transaction'; transaction: Buffer }
    | {
        transactionSelector: 'singleUseTransaction';
        singleUseTransaction: TransactionOptions;
      }
    | { transactionSelector?: undefined }
  );

export interface PropertyReference {
  name: string;
}

export type Filter =
  | { filterType: 'propertyFilter'; propertyFilter: PropertyFilter }
  | { filterType: 'compositeFilter'; compositeFilter: CompositeFilter }
  | { filterType?: undefined };

export interface PropertyFilter {
  property: PropertyReference | null;
  op: string;
  value: Value | null;
}

export interface CompositeFilter {
  op: string;
  filters: Filter[];
}

export interface PropertyOrder {
  property: PropertyReference | null;
  direction: 'DIRECTION_UNSPECIFIED' | 'ASCENDING' | 'DESCENDING';
}

export interface Query {
  projection: { property: PropertyReference | null }[];
  kind: { name: string }[];
  filter: Filter | null;
  order: PropertyOrder[];
  distinctOn: PropertyReference[];
  startCursor: Buffer;
  endCursor: Buffer;
  offset: number;
  limit: { value: number } | null;
  findNearest: object | null;
}

interface QueryRequestBase extends DatabaseRequest {
  partitionId: PartitionId | null;
  readOptions: ReadOptions | null;
  explainOptions: object | null;
}

export type RunQueryRequest = QueryRequestBase & {
  propertyMask: PropertyMask | null;
} & ({ queryType: 'query'; query: Query } | { queryType: 'gqlQuery' } | { queryType?: undefined });

export type Aggregation = { alias: string } & (
  | { operator: 'count'; count: { upTo: { value: string } | null } }
  | { operator: 'sum'; sum: { property: PropertyReference | null } }
  | { operator: 'avg'; avg: { property: PropertyReference | null } }
  | { operator?: undefined }
);

export interface AggregationQuery {
  queryType?: 'nestedQuery';
  nestedQuery?: Query;
  aggregations: Aggregation[];
}

export type RunAggregationQueryRequest = QueryRequestBase &
  (
    | { queryType: 'aggregationQuery'; aggregationQuery: AggregationQuery }
    | { queryType: 'gqlQuery' }
    | { queryType?: undefined }
  );

/** The requests by their names in google.datastore.v1. */
export interface Requests {
  LookupRequest: LookupRequest;
  RunQueryRequest: RunQueryRequest;
  RunAggregationQueryRequest: RunAggregationQueryRequest;
  BeginTransactionRequest: BeginTransactionRequest;
  CommitRequest: CommitRequest;
  RollbackRequest: RollbackRequest;
  AllocateIdsRequest: KeysRequest;
  ReserveIdsRequest: KeysRequest;
}

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
