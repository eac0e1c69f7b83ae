/** What a Retry-After header asks for, in milliseconds: a number of seconds or a date; undefined for anything else. */
export function retryAfterMs(header: string, now: number): number | undefined {
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
