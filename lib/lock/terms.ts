/** The rules that a task's leases and attempts go by. All durations are milliseconds. */
export interface Terms {
  /** How long a lease is good for without renewal. */
  readonly leaseDuration: number;
  /** When a lease that nobody renews may be taken in any case. */
  readonly leaseTimeout: number;
  /** Attempts after the first; a step runs at most `maxRetries` + 1 times, lost attempts included. */
  readonly maxRetries: number;
  /** How often a step may postpone itself. */
  readonly maxPostpones: number;
  /** What an attempt whose outcome nobody knows means: run the step again, or fail the chain. */
  readonly onLost: 'retry' | 'fail';
  /** The pause before an attempt after a failed one: doubling from `min` to `max`. */
  readonly backoff: { readonly min: number; readonly max: number };
  /** How long after a dispatch the sweep looks whether the step was taken up. */
  readonly dispatchGrace: number;
  /** How many transitions the lock remembers; 0: none. */
  readonly historyLength: number;
}

/** The pause before the next attempt of a step that has failed `tries` times. */
export function backoff({ min, max }: Terms['backoff'], tries: number): number {
  return Math.min(max, min * 2 ** Math.max(0, tries - 1));
}
