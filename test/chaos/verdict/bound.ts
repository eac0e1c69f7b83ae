import type { Incident } from '../trouble/incident.js';

/** How long a step may take until it runs again after its holder died, milliseconds. */
export interface RecoveryTerms {
  readonly leaseDurationMs: number;
  readonly skewMs: number;
  readonly sweepEveryMs: number;
}

/**
 * The bound without any other trouble. The dead holder renewed its lease at its death at the latest; from then on
 * `leaseDuration`, and the skew allowed for, must pass before anybody may take it over. While anything is owed a sweep
 * comes at the beginning of every slot, so one comes within a slot of that moment, and dispatches the step anew.
 */
export function recoveryBound({ leaseDurationMs, skewMs, sweepEveryMs }: RecoveryTerms): number {
  return leaseDurationMs + skewMs + sweepEveryMs;
}

/**
 * How much of a time was itself troubled, milliseconds: the emulator was away, no worker listened, or one stood still,
 * which keeps what is sent to it until it goes on. A recovery waits for all of that.
 *
 * @param workers how many there are when all is well
 */
export function troubledMs(
  from: number,
  to: number,
  incidents: readonly Incident[],
  workers: number,
): number {
  const near = incidents.filter(({ at, until }) => at < to && until > from);
  const marks = [from, to, ...near.flatMap(({ at, until }) => [at, until])]
    .filter((mark) => mark >= from && mark <= to)
    .toSorted((one, other) => one - other);
  let sum = 0;
  for (const [index, start] of marks.entries()) {
    const end = marks[index + 1] ?? to;
    const during = near.filter(({ at, until }) => at <= start && until >= end);
    const away = during.filter(({ what }) => what === 'worker killed').length;
    if (away >= workers || during.some(({ what }) => what !== 'worker killed')) sum += end - start;
  }
  return sum;
}
