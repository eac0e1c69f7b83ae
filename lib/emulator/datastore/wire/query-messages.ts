import type { Value } from './entity-messages.js';

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
