/** What one sweep did. */
export interface SweepReport {
  /** Locks that were due. */
  readonly seen: number;
  /** Steps whose task was created anew, those of silent holders too. */
  readonly dispatched: number;
  /** Of those, steps whose holder had gone silent. */
  readonly taken: number;
  /** Alerts of failed runs that were sent. */
  readonly alerted: number;
  /** Locks that had moved on, or whose task is still in its queue. */
  readonly skipped: number;
  /** Locks that could not be dealt with. They stay due. */
  readonly failed: number;
  /** How late the oldest was, milliseconds. */
  readonly latestMs: number;
  /** Whether anything is owed still, now or later. */
  readonly owing: boolean;
}

/** What became of one lock. */
export type Swept = 'dispatched' | 'taken' | 'alerted' | 'skipped' | 'failed';

/** The report of what became of some locks. */
export function reportOf(swept: readonly Swept[], latestMs: number, owing: boolean): SweepReport {
  const count = (...outcomes: Swept[]) => swept.filter((one) => outcomes.includes(one)).length;
  return {
    seen: swept.length,
    dispatched: count('dispatched', 'taken'),
    taken: count('taken'),
    alerted: count('alerted'),
    skipped: count('skipped'),
    failed: count('failed'),
    latestMs,
    owing,
  };
}
