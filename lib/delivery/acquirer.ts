import { writeLock } from '../datastore/lock-properties.js';
import type { Decided, LockStore, Stored } from '../datastore/lock-store.js';
import type { EntityProto } from '../google/datastore-api.js';
import { acquire, type Delivery, type Grant, type Refusal } from '../lock/acquire.js';
import type { Lock, StoredTask } from '../lock/lock.js';
import type { Entropy } from '../system/entropy.js';
import type { TaskDefinition } from '../tasks/task-directory.js';
import type { TaskRequest } from '../tasks/task-request.js';

/** A lease, and the entity as it is stored with it; or a refusal, and the lock that refused. */
export type Acquisition =
  | { readonly grant: Grant; readonly entity: EntityProto }
  | { readonly refusal: Refusal; readonly lock: Lock | undefined };

/** What the body of a delivered task was, for locks that do not know their task. */
export type DeliveredTask = Pick<StoredTask, 'body' | 'type'>;

/** Decides about deliveries against what is stored. */
export class Acquirer {
  constructor(
    private readonly store: LockStore,
    private readonly entropy: Entropy,
    private readonly renews: boolean,
    private readonly instance: string,
  ) {}

  /** Acquires the lease on a step, or finds out why not. One transaction; nothing else happens while it is open. */
  async acquire(
    definition: TaskDefinition,
    request: TaskRequest,
    delivered: DeliveredTask,
  ): Promise<Acquisition> {
    const delivery = this.delivery(definition, request, delivered);
    const decide = (stored: Stored) => decision(stored, delivery, definition);
    if (request.retryCount > 0) {
      // Most repeats find their step over or busy. They need no transaction, which would get in the holder's way.
      const { write, result } = decide(await this.store.peek(request.key));
      if (!write) return result;
    }
    return this.store.decide(request.key, decide);
  }

  private delivery(
    definition: TaskDefinition,
    request: TaskRequest,
    delivered: DeliveredTask,
  ): Delivery {
    return {
      run: request.run,
      step: request.step,
      number: request.number,
      leaseId: this.entropy.id(),
      freshRun: this.entropy.id(),
      holder: {
        renews: this.renews,
        task: request.taskName,
        retryCount: request.retryCount,
        requestId: request.requestId,
        trace: request.trace,
        instance: this.instance,
      },
      task: { name: definition.name, queue: request.queue, ...delivered },
    };
  }
}

function decision(
  { entity, lock, now }: Stored,
  delivery: Delivery,
  { terms }: TaskDefinition,
): Decided<Acquisition> {
  const verdict = acquire(lock, delivery, now, terms);
  if (!('lock' in verdict)) return { result: { refusal: verdict, lock } };
  const write = writeLock(entity ?? {}, verdict.lock);
  return verdict.verdict === 'failed'
    ? { write, result: { refusal: verdict, lock: verdict.lock } }
    : { write, result: { grant: verdict, entity: write } };
}
