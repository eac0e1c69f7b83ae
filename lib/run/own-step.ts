import { keyText } from '../datastore/keys.js';
import type { HeldLease } from '../delivery/held-lease.js';
import { nextMove } from '../delivery/next-step.js';
import type { NextOptions } from '../delivery/lease.js';
import { overlay } from '../entity/tracked-entity.js';
import type { KeyProto } from '../google/datastore-api.js';
import { renew, standing } from '../lock/lease.js';
import type { Lock } from '../lock/lock.js';
import { complete, type Settlement } from '../lock/settle.js';
import { AlreadySettledError, LeaseLostError } from '../locker.errors.js';
import type { TaskPlanner } from '../tasks/task-planner.js';
import type { Operation } from './draft.js';

/** A settle that a transaction is to contain. */
export interface OwnSettle {
  readonly how: string;
  readonly operation: Operation;
}

/** The step of the handler that a transaction belongs to: what is done to it is fenced by its lease. */
export class OwnStep {
  private chosen: OwnSettle | undefined;

  constructor(
    private readonly lease: HeldLease,
    private readonly planner: TaskPlanner,
  ) {}

  get key(): KeyProto {
    return this.lease.holding.tenure.address.key;
  }

  /** How the step is to be ended, if it is. */
  get settle(): OwnSettle | undefined {
    return this.chosen;
  }

  next(task = this.lease.task, options: NextOptions = {}): void {
    const { terms } = this.lease.holding.tenure.definition;
    const planned = this.planner.plan(this.key, task, options, this.lease.queue);
    this.choose('advanced', nextMove(planned, options, terms));
  }

  complete(): void {
    const { terms } = this.lease.holding.tenure.definition;
    this.choose('completed', (lock, settlement) => complete(lock, settlement, terms));
  }

  /** A write of the entity counts as a renewal, and needs the lease as one does. */
  renewal(): Operation {
    const { terms } = this.lease.holding.tenure.definition;
    return this.fenced((lock, { now }) => renew(lock, now, terms));
  }

  private choose(how: string, move: (lock: Lock, settlement: Settlement) => Lock): void {
    if (this.chosen) throw new AlreadySettledError(keyText(this.key), this.lease.step);
    const changes = this.lease.holding.tenure.tracked.changes();
    const fenced = this.fenced(move);
    const operation: Operation = ({ entity, lock }, now) =>
      fenced({ entity: entity && overlay(entity, changes), lock }, now);
    this.chosen = { how, operation };
  }

  private fenced(move: (lock: Lock, settlement: Settlement) => Lock): Operation {
    const { lock: held } = this.lease.holding.tenure;
    return ({ entity, lock }, now) => {
      if (!lock || standing(lock, held) !== 'held')
        throw new LeaseLostError(keyText(this.key), held.step);
      return { entity, lock: move(lock, { leaseId: held.leaseId, now }) };
    };
  }
}
