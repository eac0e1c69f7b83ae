/** Milliseconds as seconds with one decimal. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** The middle one of some times; 0 if there are none. */
export function median(times: readonly number[]): number {
  const sorted = times.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The median and the maximum of some times, as text. */
export function spread(times: readonly number[]): string {
  if (times.length === 0) return '– (none)';
  return `median ${seconds(median(times))}, max ${seconds(Math.max(...times))} (${times.length} times)`;
}
