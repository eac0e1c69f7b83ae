import type { ReadTarget, WriteTarget } from './read-target.js';

/** What somebody wants of the locks: to read or to write. */
export type Claim =
  | { readonly reads: ReadTarget; readonly writes?: undefined }
  | { readonly writes: WriteTarget<unknown>; readonly reads?: undefined };

/** Readers get along with readers; a writer with nobody who reads or writes the same. */
export function conflict(a: Claim, b: Claim): boolean {
  if (a.writes && b.writes) return overlap(a.writes.keys, b.writes.keys);
  if (a.writes) return b.reads !== undefined && disturbs(a.writes, b.reads);
  return b.writes !== undefined && disturbs(b.writes, a.reads);
}

function disturbs(write: WriteTarget<unknown>, read: ReadTarget): boolean {
  if (overlap(write.keys, read.keys)) return true;
  return read.query !== undefined && write.touches(read.query);
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const key of a) if (b.has(key)) return true;
  return false;
}
