/** Milliseconds, or text such as `'90s'`, `'1m'`, `'10m30s'`, `'12h'`, `'30d'`. */
export type Duration = number | string;

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration in milliseconds; undefined for what is none. */
export function toMilliseconds(duration: Duration): number | undefined {
  if (typeof duration === 'number')
    return Number.isFinite(duration) && duration >= 0 ? duration : undefined;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(duration)) return undefined;
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(amount) * (Object.entries(units).find(([name]) => name === unit)?.[1] ?? 0);
  return total;
}
