/**
 * What this package calls of Google's Datastore API (google.datastore.v1), in the shapes that the official
 * client sends and receives: 64-bit integers as strings, enums by name, bytes as `Uint8Array`.
 *
 * It is one of the two seams of the system. Behind it stands the official client, or the emulator's engine
 * in the same process.
 */
export interface DatastoreApi {
  lookup(request: LookupRequest): Promise<LookupResponse>;
  runQuery(request: RunQueryRequest): Promise<RunQueryResponse>;
  runAggregationQuery(request: RunAggregationQueryRequest): Promise<RunAggregationQueryResponse>;
  beginTransaction(request: BeginTransactionRequest): Promise<BeginTransactionResponse>;
  commit(request: CommitRequest): Promise<CommitResponse>;
  rollback(request: RollbackRequest): Promise<object>;
  allocateIds(request: AllocateIdsRequest): Promise<AllocateIdsResponse>;
}

export interface TimestampProto {
  seconds?: string | number | null;
  nanos?: number | null;
}

export interface PartitionIdProto {
  projectId?: string | null;
  databaseId?: string | null;
  namespaceId?: string | null;
}

export interface PathElementProto {
  kind?: string | null;
  id?: string | number | null;
  name?: string | null;
}

export interface KeyProto {
  partitionId?: PartitionIdProto | null;
  path?: PathElementProto[] | null;
}

/** One property value: exactly one of the `…Value` fields is set. */
export interface ValueProto {
  nullValue?: 'NULL_VALUE' | 0 | null;
  booleanValue?: boolean | null;
  integerValue?: string | number | null;
  doubleValue?: number | null;
  timestampValue?: TimestampProto | null;
  keyValue?: KeyProto | null;
  stringValue?: string | null;
  blobValue?: Uint8Array | string | null;
  geoPointValue?: { latitude?: number | null; longitude?: number | null } | null;
  entityValue?: EntityProto | null;
  arrayValue?: { values?: ValueProto[] | null } | null;
  /** Old App Engine types have one; carried, never interpreted. */
  meaning?: number | null;
  excludeFromIndexes?: boolean | null;
}

export interface EntityProto {
  key?: KeyProto | null;
  properties?: Record<string, ValueProto> | null;
}

export interface TransactionOptionsProto {
  readWrite?: { previousTransaction?: Uint8Array | string | null } | null;
  readOnly?: { readTime?: TimestampProto | null } | null;
}

export interface ReadOptionsProto {
  readConsistency?: 'READ_CONSISTENCY_UNSPECIFIED' | 'STRONG' | 'EVENTUAL' | null;
  transaction?: Uint8Array | string | null;
  newTransaction?: TransactionOptionsProto | null;
  readTime?: TimestampProto | null;
}

/** What every request to one database carries. */
export interface DatabaseRequest {
  projectId: string;
  databaseId?: string;
}

export interface LookupRequest extends DatabaseRequest {
  keys: KeyProto[];
  readOptions?: ReadOptionsProto;
}

export interface EntityResultProto {
  entity?: EntityProto | null;
  version?: string | number | null;
  createTime?: TimestampProto | null;
  updateTime?: TimestampProto | null;
  cursor?: Uint8Array | string | null;
}

export interface LookupResponse {
  found?: EntityResultProto[] | null;
  missing?: EntityResultProto[] | null;
  deferred?: KeyProto[] | null;
  transaction?: Uint8Array | string | null;
  readTime?: TimestampProto | null;
}

export interface BeginTransactionRequest extends DatabaseRequest {
  transactionOptions?: TransactionOptionsProto;
}

export interface BeginTransactionResponse {
  transaction?: Uint8Array | string | null;
}

export interface MutationProto {
  insert?: EntityProto | null;
  update?: EntityProto | null;
  upsert?: EntityProto | null;
  delete?: KeyProto | null;
}

export interface CommitRequest extends DatabaseRequest {
  mode: 'TRANSACTIONAL' | 'NON_TRANSACTIONAL';
  transaction?: Uint8Array | string;
  singleUseTransaction?: TransactionOptionsProto;
  mutations: MutationProto[];
}

export interface CommitResponse {
  mutationResults?:
    | {
        key?: KeyProto | null;
        version?: string | number | null;
        updateTime?: TimestampProto | null;
      }[]
    | null;
  indexUpdates?: number | null;
  commitTime?: TimestampProto | null;
}

export interface RollbackRequest extends DatabaseRequest {
  transaction: Uint8Array | string;
}

export interface AllocateIdsRequest extends DatabaseRequest {
  keys: KeyProto[];
}

export interface AllocateIdsResponse {
  keys?: KeyProto[] | null;
}

export interface PropertyFilterProto {
  property: { name: string };
  op:
    | 'LESS_THAN'
    | 'LESS_THAN_OR_EQUAL'
    | 'GREATER_THAN'
    | 'GREATER_THAN_OR_EQUAL'
    | 'EQUAL'
    | 'IN'
    | 'NOT_EQUAL'
    | 'HAS_ANCESTOR'
    | 'NOT_IN';
  value: ValueProto;
}

export interface FilterProto {
  propertyFilter?: PropertyFilterProto | null;
  compositeFilter?: { op: 'AND' | 'OR'; filters: FilterProto[] } | null;
}

export interface QueryProto {
  projection?: { property: { name: string } }[] | null;
  kind?: { name: string }[] | null;
  filter?: FilterProto | null;
  order?: { property: { name: string }; direction: 'ASCENDING' | 'DESCENDING' }[] | null;
  startCursor?: Uint8Array | string | null;
  endCursor?: Uint8Array | string | null;
  offset?: number | null;
  limit?: { value?: number | null } | null;
}

export interface RunQueryRequest extends DatabaseRequest {
  partitionId?: PartitionIdProto;
  readOptions?: ReadOptionsProto;
  query: QueryProto;
}

export interface RunQueryResponse {
  batch?: {
    entityResultType?: string | null;
    entityResults?: EntityResultProto[] | null;
    endCursor?: Uint8Array | string | null;
    moreResults?: string | null;
    readTime?: TimestampProto | null;
  } | null;
  transaction?: Uint8Array | string | null;
}

export interface ReserveIdsRequest extends DatabaseRequest {
  keys: KeyProto[];
}

export interface AggregationProto {
  count?: { upTo?: { value?: string | number | null } | null } | null;
  sum?: { property: { name: string } } | null;
  avg?: { property: { name: string } } | null;
  alias?: string | null;
}

export interface RunAggregationQueryRequest extends DatabaseRequest {
  partitionId?: PartitionIdProto;
  readOptions?: ReadOptionsProto;
  aggregationQuery: { nestedQuery: QueryProto; aggregations: AggregationProto[] };
}

export interface RunAggregationQueryResponse {
  batch?: {
    aggregationResults?: { aggregateProperties?: Record<string, ValueProto> | null }[] | null;
    moreResults?: string | null;
    readTime?: TimestampProto | null;
  } | null;
  transaction?: Uint8Array | string | null;
}
