import { takeableAt } from './due.js';
import type { Lock } from './lock.js';
import type { Terms } from './terms.js';

/** The right to execute one step, as its holder knows it. */
export interface LeaseIdentity {
  readonly run: string;
  readonly step: number;
  readonly leaseId: string;
}

/** Whether the stored lock is still held by a lease, was settled by it, or is somebody else's now. */
export function standing(
  lock: Lock | undefined,
  lease: LeaseIdentity,
): 'held' | 'settled' | 'lost' {
  if (!lock) return 'lost';
  if (lock.leaseId === lease.leaseId && lock.run === lease.run && lock.step === lease.step)
    return 'held';
  return lock.settledBy === lease.leaseId ? 'settled' : 'lost';
}

/** The holder is alive: the lease counts from now again. */
export function renew(lock: Lock, now: number, terms: Terms): Lock {
  const renewed = lock.with({ timestamp: now });
  return renewed.with({ due: takeableAt(renewed, terms) });
}
