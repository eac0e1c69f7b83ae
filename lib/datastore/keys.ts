import { Datastore, Key } from '@google-cloud/datastore';
import type { KeyProto, PathElementProto } from '../google/datastore-api.js';

/** The proto of an official client's key, incomplete keys included. */
export function keyToProto(key: Key): KeyProto {
  const path: PathElementProto[] = [];
  for (let part: Key | undefined = key; part; part = part.parent) path.unshift(element(part));
  return { partitionId: { namespaceId: key.namespace ?? '' }, path };
}

function element({ kind, id, name }: Key): PathElementProto {
  if (name !== undefined) return { kind, name };
  return id === undefined ? { kind } : { kind, id };
}

/** The official client's key of a proto; ids are strings in it, as the client itself makes them. */
export function keyFromProto({ partitionId, path }: KeyProto): Key {
  const namespace = partitionId?.namespaceId;
  return new Key({
    path: (path ?? []).flatMap((part) => [part.kind ?? '', ...identifier(part)]),
    ...(namespace && { namespace }),
  });
}

function identifier({ id, name }: PathElementProto) {
  if (name) return [name];
  return isId(id) ? [Datastore.int(String(id))] : [];
}

function isId(id: string | number | null | undefined): id is string | number {
  return id !== null && id !== undefined && String(id) !== '0';
}

/** Whether a key names one entity; an incomplete one gets its id from Datastore. */
export function isComplete({ path }: KeyProto): boolean {
  const last = path?.at(-1);
  return last !== undefined && identifier(last).length === 1;
}

/** The kind of the entity that a key names. */
export function kindOf({ path }: KeyProto): string {
  return path?.at(-1)?.kind ?? '';
}

/** A key as people read it and no two keys share: `Order/5`, or `tenant-a:Shop/"main"/Order/5`. */
export function keyText({ partitionId, path }: KeyProto): string {
  const namespace = partitionId?.namespaceId;
  const parts = (path ?? []).map((part) => {
    const id = part.name ? JSON.stringify(part.name) : isId(part.id) ? String(part.id) : '?';
    return `${part.kind ?? ''}/${id}`;
  });
  return `${namespace ? `${namespace}:` : ''}${parts.join('/')}`;
}
