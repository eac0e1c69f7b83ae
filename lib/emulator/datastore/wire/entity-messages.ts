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
