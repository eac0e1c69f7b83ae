import { AsyncLocalStorage } from 'node:async_hooks';
import type { LockedEntity } from '../entity/entity-class.js';
import type { HeldLease } from './held-lease.js';

/** The leases in the hands of this process: by entity, and by the code that runs under them. */
export class LeaseTable {
  private readonly byEntity = new Map<LockedEntity, HeldLease>();
  private readonly context = new AsyncLocalStorage<HeldLease>();

  /** The lease under which the present code runs. */
  get current(): HeldLease | undefined {
    return this.context.getStore();
  }

  /** All leases held, oldest first. */
  get all(): HeldLease[] {
    return [...this.byEntity.values()];
  }

  /** The lease that an entity was handed out with, while its handler runs. */
  of(entity: LockedEntity): HeldLease | undefined {
    return this.byEntity.get(entity);
  }

  /** Runs a handler under its lease. */
  async during<T>(entity: LockedEntity, lease: HeldLease, handler: () => Promise<T>): Promise<T> {
    this.byEntity.set(entity, lease);
    try {
      return await this.context.run(lease, handler);
    } finally {
      this.byEntity.delete(entity);
    }
  }
}
