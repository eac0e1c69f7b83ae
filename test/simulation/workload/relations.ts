import type { HeldLease } from '../../../lib/delivery/held-lease.js';
import type { LockerService } from '../../../lib/locker.service.js';
import type { Operations } from '../fleet/operation.js';
import { Chain } from './chain.js';

/** What a handler does with other entities than its own. */
export class Relations {
  constructor(
    private readonly service: LockerService,
    private readonly operations: Operations,
    private readonly process: string,
  ) {}

  /** Starts a run on a child, which arrives at its parent when it is done. */
  async startChild(lease: HeldLease, number: number): Promise<void> {
    const name = `child ${number} of ${lease.key.name}`;
    const key = this.service.key(Chain, name);
    const child = new Chain();
    child.steps = 1;
    child.parent = { name: lease.key.name ?? '', run: lease.run, step: lease.step };
    await this.operations.run(
      {
        kind: 'start',
        process: this.process,
        key: `Chain/${JSON.stringify(name)}`,
        start: { replaces: false, startId: undefined },
      },
      () => this.service.schedule(key, child, 'walk'),
    );
  }

  /** Ends a child's run and counts it at its parent, both or neither. */
  async completeChild(parent: NonNullable<Chain['parent']>): Promise<void> {
    const key = this.service.key(Chain, parent.name);
    await this.service.transact((tx) => {
      tx.complete();
      tx.arrive(key, { run: parent.run, step: parent.step });
      return Promise.resolve();
    });
  }

  /** Goes on to the next step, in a transaction of its own. */
  async goOn(task: string | undefined): Promise<void> {
    await this.service.transact((tx) => {
      if (task === undefined) tx.complete();
      else tx.next(task);
      return Promise.resolve();
    });
  }

  /** Goes on to the next step and writes another entity, both or neither. */
  async goOnAndTouch(task: string | undefined, name: string): Promise<void> {
    const key = this.service.key(Chain, name);
    await this.service.transact(async (tx) => {
      const other = await tx.get(key);
      if (other) {
        other.touched++;
        tx.save(key, other);
      }
      if (task === undefined) tx.complete();
      else tx.next(task);
    });
  }

  /** Goes on and begins a run on another entity, both or neither. */
  async goOnAndStart(task: string | undefined, name: string): Promise<void> {
    const key = this.service.key(Chain, name);
    await this.service.transact((tx) => {
      tx.schedule(key, new Chain(), 'walk', { onActive: 'join' });
      if (task === undefined) tx.complete();
      else tx.next(task);
      return Promise.resolve();
    });
  }
}
