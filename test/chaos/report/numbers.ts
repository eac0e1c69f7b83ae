/** Milliseconds as seconds with one decimal. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** The median and the maximum of some times, as text. */
export function spread(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)];
  const most = sorted.at(-1);
  if (median === undefined || most === undefined) return '– (none)';
  return `median ${seconds(median)}, max ${seconds(most)} (${sorted.length} steps)`;
}
