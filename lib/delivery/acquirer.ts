import { writeLock } from '../datastore/lock-properties.js';
import type { Decided, LockStore, Stored } from '../datastore/lock-store.js';
import type { EntityProto } from '../google/datastore-api.js';
import { acquire, type Delivery, type Grant, type Refusal } from '../lock/acquire.js';
import { takeableAt } from '../lock/due.js';
import type { Lock, StoredTask } from '../lock/lock.js';
import type { Evidence } from '../probe/evidence.js';
import type { Entropy } from '../system/entropy.js';
import type { TaskDefinition } from '../tasks/task-directory.js';
import type { TaskRequest } from '../tasks/task-request.js';

/** A lease, and the entity as it is stored with it; or a refusal, and the lock that refused. */
export type Acquisition = Granted | Refused;

interface Granted {
  readonly grant: Grant;
  readonly entity: EntityProto;
}

interface Refused {
  readonly refusal: Refusal;
  readonly lock: Lock | undefined;
  /** When this was decided, by Datastore's clock, milliseconds since the epoch. */
  readonly now: number;
}

/** What the body of a delivered task was, for locks that do not know their task. */
export type DeliveredTask = Pick<StoredTask, 'body' | 'type'>;

/** Decides about deliveries against what is stored. */
export class Acquirer {
  constructor(
    private readonly store: LockStore,
    private readonly entropy: Entropy,
    private readonly renews: boolean,
    private readonly instance: string,
    private readonly evidence: Pick<Evidence, 'of'> = { of: () => Promise.resolve('unknown') },
  ) {}

  /**
   * Acquires the lease on a step, or finds out why not. One transaction, and nothing else happens while it is open. A
   * second one where somebody holds the lease whose request is known to have ended.
   */
  async acquire(
    definition: TaskDefinition,
    request: TaskRequest,
    delivered: DeliveredTask,
  ): Promise<Acquisition> {
    const delivery = this.delivery(definition, request, delivered);
    const acquisition = await this.decide(definition, request, delivery);
    const endedLease = await this.endedLease(definition, request, acquisition);
    if (endedLease === undefined) return acquisition;
    return this.decide(definition, request, { ...delivery, endedLease });
  }

  /** The lease that keeps a delivery out although its request has ended; undefined where that is not known. */
  private async endedLease(
    { terms }: TaskDefinition,
    request: TaskRequest,
    acquisition: Acquisition,
  ): Promise<string | undefined> {
    if (!('refusal' in acquisition)) return undefined;
    const { refusal, lock, now } = acquisition;
    // Of a holder that renews, silence is evidence enough.
    if (refusal.verdict !== 'busy' || !lock || lock.holder?.renews) return undefined;
    const isOver = now >= takeableAt(lock, terms, true);
    const finding = await this.evidence.of({ lock, request, now }, isOver);
    return finding === 'ended' && isOver ? lock.leaseId : undefined;
  }

  private async decide(
    definition: TaskDefinition,
    request: TaskRequest,
    delivery: Delivery,
  ): Promise<Acquisition> {
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
        queue: request.queue,
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
  if (!('lock' in verdict)) return { result: { refusal: verdict, lock, now } };
  const write = writeLock(entity ?? {}, verdict.lock);
  return verdict.verdict === 'failed'
    ? { write, result: { refusal: verdict, lock: verdict.lock, now } }
    : { write, result: { grant: verdict, entity: write } };
}
