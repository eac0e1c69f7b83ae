import { familyBytes } from '../keys/key-bytes.js';
import { completeKey } from '../keys/key-rules.js';
import { databaseOf } from '../keys/partition.js';
import { invalidArgument } from '../refusals.js';
import { KEY_PROPERTY } from '../storage/index-scope.js';
import { valueBytes } from '../values/value-bytes.js';
import type { PartitionId, Value } from '../wire/entity-messages.js';
import type { DatabaseRequest } from '../wire/requests.js';

/** Where the query is asked: its database, and the partition it looks into. */
export interface QueryScope extends DatabaseRequest {
  readonly partition: PartitionId;
}

/** What the keys of an ancestor's family begin with. Throws INVALID_ARGUMENT. */
export function ancestorOf(name: string, value: Value, scope: QueryScope): Buffer {
  if (name !== KEY_PROPERTY) {
    throw invalidArgument(`HAS_ANCESTOR is only allowed on ${KEY_PROPERTY}.`);
  }
  if (value.valueType !== 'keyValue') {
    throw invalidArgument('The ancestor of a query must be a key.');
  }
  const key = completeKey(value.keyValue, scope);
  const { namespaceId } = key.partitionId;
  const own = scope.partition.namespaceId;
  if (namespaceId !== own) {
    throw invalidArgument(
      `The query namespace is '${own}' but ancestor namespace is '${namespaceId}'.`,
    );
  }
  return familyBytes(key);
}

/** The values of IN and NOT_IN. Throws INVALID_ARGUMENT. */
export function comparables(name: string, op: string, value: Value, scope: QueryScope): Buffer[] {
  if (value.valueType !== 'arrayValue' || value.arrayValue.values.length === 0) {
    throw invalidArgument(`${op} requires a list value that is not empty.`);
  }
  return value.arrayValue.values.map((element) => comparable(name, element, scope));
}

/** The bytes to compare with. Throws INVALID_ARGUMENT for values that nothing can be compared with. */
export function comparable(name: string, value: Value, scope: QueryScope): Buffer {
  if (value.valueType === 'keyValue') {
    const database = name === KEY_PROPERTY ? scope : databaseOf(value.keyValue, scope);
    return bytesOf({ ...value, keyValue: completeKey(value.keyValue, database) });
  }
  if (value.valueType === 'entityValue') throw invalidArgument('An entity value is not allowed');
  if (value.valueType === 'arrayValue') throw invalidArgument('A list value is not allowed');
  if (name === KEY_PROPERTY) {
    throw invalidArgument(`${KEY_PROPERTY} filter value must be a Key`);
  }
  return bytesOf(value);
}

function bytesOf(value: Value): Buffer {
  const bytes = valueBytes(value);
  if (!bytes) throw invalidArgument('The filter does not contain a value.');
  return bytes;
}
