import type { KeyProto, PathElementProto } from '../google/datastore-api.js';

/** One step of a path: `Order/5` or `Shop/"main"`. */
const element = /^([^/"]+)\/(?:(\d{1,19})|("(?:[^"\\]|\\.)*"))(?:\/|$)/;

/** The key that `keyText` writes so; undefined: it is none. */
export function keyFromText(text: string): KeyProto | undefined {
  const [, namespaceId = '', rest = text] = /^([\w.-]+):(.*)$/s.exec(text) ?? [];
  const path: PathElementProto[] = [];
  let left = rest;
  while (left !== '') {
    const [whole, kind, id, quoted] = element.exec(left) ?? [];
    if (whole === undefined || kind === undefined) return undefined;
    const name = quoted === undefined ? undefined : parsed(quoted);
    if (id === undefined && !name) return undefined;
    path.push(id === undefined ? { kind, name: name ?? '' } : { kind, id });
    left = left.slice(whole.length);
    if (left === '' && whole.endsWith('/')) return undefined;
  }
  return path.length === 0 ? undefined : { partitionId: { namespaceId }, path };
}

function parsed(quoted: string): string | undefined {
  try {
    const name: unknown = JSON.parse(quoted);
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}
