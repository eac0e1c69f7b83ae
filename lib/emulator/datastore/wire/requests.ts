import type { Key, PartitionId, Timestamp } from './entity-messages.js';
import type { Mutation, PropertyMask } from './mutation-messages.js';
import type { AggregationQuery, Query } from './query-messages.js';

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

interface QueryRequestBase extends DatabaseRequest {
  partitionId: PartitionId | null;
  readOptions: ReadOptions | null;
  explainOptions: object | null;
}

export type RunQueryRequest = QueryRequestBase & {
  propertyMask: PropertyMask | null;
} & ({ queryType: 'query'; query: Query } | { queryType: 'gqlQuery' } | { queryType?: undefined });

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
