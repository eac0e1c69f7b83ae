import { invalidArgument } from '../refusals.js';
import type { Key, PathElement } from '../wire/entity-messages.js';
import type { DatabaseRequest } from '../wire/requests.js';
import { type CompleteKey, describeKey, isComplete } from './key.js';
import { type KeyWithBytes, withBytes } from './key-bytes.js';
import { partitionOf, refuseReservedNamespace } from './partition.js';
import { isReserved } from './reserved.js';

/** https://cloud.google.com/datastore/docs/concepts/limits */
const MAX_ELEMENTS = 100;
const MAX_TEXT_BYTES = 1500;
const MAX_KEY_BYTES = 6 * 1024;

/** The key with its partition filled in. Throws INVALID_ARGUMENT for a key that could name no entity. */
export function wellFormedKey(key: Key | null, request: DatabaseRequest) {
  if (key === null) throw invalidArgument('Entity is missing key.');
  const partitionId = partitionOf(key.partitionId, request);
  checkPath(key);
  return { partitionId, path: key.path };
}

/** A key that names an entity. Throws INVALID_ARGUMENT also for an incomplete one. */
export function completeKey(key: Key | null, request: DatabaseRequest): CompleteKey {
  return completeKeyWithBytes(key, request).key;
}

/** The same with its order-preserving bytes. */
export function completeKeyWithBytes(key: Key | null, request: DatabaseRequest): KeyWithBytes {
  const { partitionId, path } = wellFormedKey(key, request);
  if (!path.every(isComplete)) {
    throw invalidArgument(
      `Key path element must not be incomplete: ${describeKey({ partitionId, path })}`,
    );
  }
  const complete = withBytes({ partitionId, path });
  if (complete.bytes.length > MAX_KEY_BYTES) {
    throw invalidArgument(`The key is longer than ${MAX_KEY_BYTES} bytes.`);
  }
  return complete;
}

/** A key whose last element alone still needs an id. Throws INVALID_ARGUMENT for any other. */
export function incompleteKey(key: Key, request: DatabaseRequest) {
  const { partitionId, path } = wellFormedKey(key, request);
  const last = path.at(-1);
  if (last && isComplete(last)) {
    throw invalidArgument(`Key path element must not be complete: ${describeKey(key)}`);
  }
  const parents = path.slice(0, -1);
  if (!last || !parents.every(isComplete)) {
    throw invalidArgument(`Key path element must not be incomplete: ${describeKey(key)}`);
  }
  return { partitionId, parents, kind: last.kind };
}

/** Throws INVALID_ARGUMENT for a key that only Datastore itself may write. */
export function refuseReserved(key: Key): void {
  if (key.partitionId) refuseReservedNamespace(key.partitionId);
  for (const element of key.path) {
    if (isReserved(element.kind)) throw invalidArgument(`The kind "${element.kind}" is reserved.`);
    if (element.idType === 'name' && isReserved(element.name)) {
      throw invalidArgument(`The key path element name "${element.name}" is reserved.`);
    }
  }
}

function checkPath({ path }: Key): void {
  if (path.length === 0) throw invalidArgument('Key path is empty.');
  if (path.length > MAX_ELEMENTS) {
    throw invalidArgument(`Key path is too long. Cannot exceed ${MAX_ELEMENTS} elements.`);
  }
  path.forEach(checkElement);
}

function checkElement(element: PathElement): void {
  checkText('kind', element.kind);
  if (element.idType === 'id' && BigInt(element.id) === 0n) {
    throw invalidArgument('Key path id is invalid. Must not be zero.');
  }
  if (element.idType === 'name') checkText('key path element name', element.name);
}

function checkText(what: string, text: string): void {
  if (text === '') throw invalidArgument(`The ${what} is the empty string.`);
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) {
    throw invalidArgument(`The ${what} is longer than ${MAX_TEXT_BYTES} bytes.`);
  }
}
