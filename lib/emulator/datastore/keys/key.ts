import type { Key, PartitionId, PathElement } from '../wire/entity-messages.js';

export type CompleteElement = Extract<PathElement, { idType: 'id' | 'name' }>;

/** A key with its partition and an id or a name in every element of its path. */
export interface CompleteKey {
  partitionId: PartitionId;
  path: CompleteElement[];
}

export function isComplete(element: PathElement): element is CompleteElement {
  return element.idType !== undefined;
}

/** The kind of the entity that the key names: that of the last element. */
export function kindOf(key: { path: PathElement[] }): string {
  return key.path.at(-1)?.kind ?? '';
}

/** `[Order: 5, Line: a]`, as in Google's messages. */
export function describeKey(key: Key): string {
  const elements = key.path.map((element) => `${element.kind}: ${idOrName(element)}`);
  return `[${elements.join(', ')}]`;
}

function idOrName(element: PathElement): string {
  switch (element.idType) {
    case 'id':
      return element.id;
    case 'name':
      return element.name;
    case undefined:
    default:
      return '';
  }
}
