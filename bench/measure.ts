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
  return { median: quantile(sorted, 0.5), min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** The value below which a part of the sorted values is. */
export function quantile(sorted: readonly number[], part: number): number {
  const place = part * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return low + (high - low) * (place - Math.floor(place));
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
