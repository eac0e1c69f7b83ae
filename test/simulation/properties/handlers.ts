import { readLock } from '../../../lib/datastore/lock-properties.js';
import type { HeldLease } from '../../../lib/delivery/held-lease.js';
import type { EntityProto } from '../../../lib/google/datastore-api.js';
import type { Operation } from '../fleet/operation.js';
import { describe } from './commit.js';
import type { Ledger } from './ledger.js';
import { Violation } from './violation.js';

/** Judges when handlers start. */
export class HandlerWatch {
  constructor(
    private readonly ledger: Ledger,
    private readonly stored: () => ReadonlyMap<string, EntityProto>,
    private readonly onViolation: (violation: Violation) => void,
  ) {}

  starts(by: Operation, lease: HeldLease): void {
    const { leaseId } = lease.holding.tenure.lock;
    const record = this.ledger.leases.get(leaseId);
    if (!record) return this.broken('a handler starts under a lease', by, leaseId);
    const entity = this.stored().get(record.key);
    const lock = entity && readLock(entity);
    if (record.state === 'taken over' || record.state === 'failed by another')
      this.broken('no handler starts after its lease was taken', by, describe(lock));
    if (record.state === 'settled')
      this.broken('no handler starts after its lease was settled', by, describe(lock));
    const step = this.ledger.step(lease.run, lease.step);
    if (step.isCommitted)
      this.broken('no handler starts for a step that is over', by, describe(lock));
    for (const other of this.ledger.leases.values())
      if (
        other !== record &&
        other.key === record.key &&
        other.handler === 'running' &&
        other.state === 'held'
      )
        this.broken('no two holders whose leases nobody took', by, describe(lock));
    record.handler = 'running';
    step.starts++;
    const { maxRetries } = lease.holding.tenure.definition.terms;
    if (step.starts - step.free > maxRetries + 1)
      this.broken(
        'a step runs at most maxRetries + 1 times',
        by,
        `start ${step.starts}, of which ${step.free} did not count`,
      );
  }

  ends(lease: HeldLease): void {
    const record = this.ledger.leases.get(lease.holding.tenure.lock.leaseId);
    if (record) record.handler = 'ended';
  }

  /** A delivery is answered, or will never be. */
  answered(by: Operation): void {
    this.ledger.deliveryEnded(by);
  }

  /** The locker said that a step is over. */
  saidCommitted(by: Operation): void {
    const { task, key } = by;
    if (!task || !key || this.ledger.setBack.has(key)) return;
    if (!this.ledger.step(task.run, task.step).isCommitted)
      this.broken('a step is called over only if that is stored', by, `step ${task.step}`);
  }

  /** The locker said that a lease was lost. */
  saidLost(by: Operation): void {
    for (const record of this.ledger.leases.values())
      if (record.holder === by && record.state === 'settled' && !by.wasUndone)
        this.broken(
          'a lease is called lost only if nothing was written under it',
          by,
          record.leaseId,
        );
    by.saidNothingWritten = true;
  }

  private broken(property: string, by: Operation, details: string): void {
    this.onViolation(
      new Violation(
        property,
        `${by.key ?? ''} in ${by.kind} ${by.number} of ${by.process}: ${details}`,
      ),
    );
  }
}
