import { AsyncLocalStorage } from 'node:async_hooks';
import type { LockedEntity } from '../entity/entity-class.js';
import type { HeldLease } from './held-lease.js';

/** The leases in the hands of this process: by entity, and by the code that runs under them. */
export class LeaseTable {
  private readonly byEntity = new Map<LockedEntity, HeldLease>();
  private readonly context = new AsyncLocalStorage<HeldLease>();
  private emptied = () => {};

  /** The lease under which the present code runs. */
  get current(): HeldLease | undefined {
    return this.context.getStore();
  }

  /** All leases held, oldest first. */
  get all(): HeldLease[] {
    return [...this.byEntity.values()];
  }

  /** The lease that an entity was handed out with, until its delivery is answered. */
  of(entity: LockedEntity): HeldLease | undefined {
    return this.byEntity.get(entity);
  }

  /** Whether a lease is in the hands of this process. */
  holds(leaseId: string): boolean {
    return this.all.some(({ holding }) => holding.tenure.lock.leaseId === leaseId);
  }

  add(entity: LockedEntity, lease: HeldLease): void {
    this.byEntity.set(entity, lease);
  }

  remove(entity: LockedEntity): void {
    this.byEntity.delete(entity);
    if (this.byEntity.size === 0) this.emptied();
  }

  /** Runs a handler under its lease. */
  under<T>(lease: HeldLease, handler: () => Promise<T>): Promise<T> {
    return this.context.run(lease, handler);
  }

  /** Resolves when no lease is held any more. */
  whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      this.emptied = resolve;
      if (this.byEntity.size === 0) resolve();
    });
  }
}
