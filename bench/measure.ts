import type { v1 } from '@google-cloud/datastore';
import type { Workload } from './workloads.js';

/** The middle of what was measured, and its ends. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}

/** How often a second a workload succeeds, with `inFlight` calls under way at any time. */
export async function rate(
  client: v1.DatastoreClient,
  { run }: Workload,
  durationMs: number,
  inFlight: number,
): Promise<number> {
  const began = performance.now();
  const end = began + durationMs;
  let next = 0;
  const caller = async () => {
    while (performance.now() < end) await run(client, next++);
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return next / ((performance.now() - began) / 1_000);
}
