import type { TimestampProto } from '../../google/datastore-api.js';
import type { DurationProto } from '../../google/tasks-api.js';

/** Milliseconds of a google.protobuf.Timestamp or Duration, to the microsecond. */
export function toMillis(time: TimestampProto | DurationProto): number {
  return Number(time.seconds ?? 0) * 1000 + Math.trunc((time.nanos ?? 0) / 1000) / 1000;
}

/** The google.protobuf.Timestamp or Duration of so many milliseconds, to the microsecond. */
export function toProto(ms: number): { seconds: string; nanos?: number } {
  const micros = Math.round(ms * 1000);
  const seconds = Math.floor(micros / 1_000_000);
  const nanos = (micros - seconds * 1_000_000) * 1000;
  // A zero would be written out, and a task is measured as it is written.
  return nanos === 0 ? { seconds: String(seconds) } : { seconds: String(seconds), nanos };
}
