import type { EntityAddress } from '../datastore/entity-address.js';
import { JsonFields } from '../datastore/json-fields.js';
import type { PathElementProto } from '../google/datastore-api.js';
import { decodeLegacyKey } from './legacy-key.js';

/** The format of the header; a later one gets the next number. */
const version = 1;

/** Limits of Datastore: https://cloud.google.com/datastore/docs/concepts/limits */
const limits = { pathLength: 100, nameBytes: 1_500, namespace: /^[0-9A-Za-z._-]{0,100}$/ };
const largestId = 2n ** 63n - 1n;

/** An address as the header `X-Lock-Key` carries it: base64url of versioned JSON, ids typed. */
export function encodeLockKey({ projectId, databaseId, key }: EntityAddress): string {
  const path = (key.path ?? []).map(({ kind, id, name }) =>
    name ? [kind, 'name', name] : [kind, 'id', String(id)],
  );
  const namespace = key.partitionId?.namespaceId ?? '';
  return Buffer.from(
    JSON.stringify({ v: version, project: projectId, database: databaseId, namespace, path }),
  ).toString('base64url');
}

/**
 * Reads `X-Lock-Key`, in our form or in that of the Go library.
 *
 * @throws SyntaxError for anything else
 */
export function decodeLockKey(header: string): EntityAddress {
  const text = header.replace(/^"(.*)"$/, '$1');
  if (!/^[\w-]+={0,2}$/.test(text)) throw new SyntaxError('it is not base64url');
  const bytes = Buffer.from(text, 'base64url');
  return bytes[0] === 0x7b ? decodeJson(bytes.toString()) : decodeLegacyKey(bytes);
}

function decodeJson(json: string): EntityAddress {
  const fields = new JsonFields(json);
  if (fields.number('v') !== version) throw new SyntaxError(`its version is not ${version}`);
  const projectId = fields.text('project');
  const databaseId = fields.text('database');
  const namespaceId = fields.text('namespace');
  const path = fields.list('path');
  if (projectId === undefined || databaseId === undefined)
    throw new SyntaxError('project or database is missing');
  if (namespaceId === undefined || !limits.namespace.test(namespaceId))
    throw new SyntaxError('the namespace is malformed');
  if (path.length === 0 || path.length > limits.pathLength)
    throw new SyntaxError('the path is malformed');
  return {
    projectId,
    databaseId,
    key: { partitionId: { namespaceId }, path: path.map(decodeElement) },
  };
}

function decodeElement(element: unknown): PathElementProto {
  const parts: readonly unknown[] = Array.isArray(element) ? element : [];
  const [kind, type, value] = parts;
  if (isName(kind) && type === 'name' && isName(value)) return { kind, name: value };
  if (isName(kind) && type === 'id' && isId(value)) return { kind, id: value };
  throw new SyntaxError('the path is malformed');
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= limits.nameBytes;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[1-9]\d{0,18}$/.test(value) && BigInt(value) <= largestId;
}
