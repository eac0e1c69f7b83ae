import type { TimestampProto } from '../google/datastore-api.js';

/** A proto timestamp in milliseconds since the epoch, finer digits dropped. */
export function milliseconds({ seconds, nanos }: TimestampProto): number {
  return Number(seconds ?? 0) * 1_000 + Math.floor((nanos ?? 0) / 1e6);
}

/** The proto of a time in milliseconds since the epoch. */
export function timestamp(ms: number): TimestampProto {
  const seconds = Math.floor(ms / 1_000);
  return { seconds: String(seconds), nanos: Math.round(ms - seconds * 1_000) * 1e6 };
}
