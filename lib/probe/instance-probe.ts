import type { Probe } from './probe.js';

/** The leases in the hands of this process. */
export interface OwnLeases {
  /** The name of this process, which no other ever had. */
  readonly instance: string;
  holds(leaseId: string): boolean;
}

/**
 * Looks whether it is this very process that holds the lease. Not before the lease is over: a lease that was acquired a
 * moment ago may not be in the table yet.
 */
export function instanceProbe(own: OwnLeases): Probe {
  return {
    name: 'instance',
    ask: ({ lock }) => {
      if (own.holds(lock.leaseId)) return 'running';
      return lock.holder?.instance === own.instance ? 'ended' : 'unknown';
    },
  };
}
