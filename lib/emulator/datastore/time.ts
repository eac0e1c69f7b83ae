import type { Timestamp } from './wire/entity-messages.js';

/** Microseconds since the epoch: Datastore's resolution, and exact in a number until the year 2255. */
export type Micros = number;

export function toTimestamp(micros: Micros): Timestamp {
  const seconds = Math.floor(micros / 1e6);
  return { seconds: String(seconds), nanos: (micros - seconds * 1e6) * 1000 };
}

/** Anything finer than a microsecond is cut off, as Datastore does. */
export function toMicros(timestamp: Timestamp): bigint {
  return BigInt(timestamp.seconds) * 1_000_000n + BigInt(Math.floor(timestamp.nanos / 1000));
}
