import type { Clock } from '../../system/clock.js';
import { checkLocation, parseQueueName, type QueueName } from './names.js';
import { completeQueue } from './queue-config.js';
import type { QueueStore } from './queue-store.js';
import { refusal } from './refusals.js';
import type { CreateQueueRequest, NameRequest, QueueResource } from './resources.js';
import type { Tombstones } from './tombstones.js';

/** What the methods for queues work with. */
export interface QueueMethodsParts {
  readonly clock: Clock;
  readonly queues: QueueStore;
  readonly tombstones: Tombstones;
  /** Whether a first CreateTask creates its queue. */
  readonly autoCreate: boolean;
}

/** The methods of the service that are about queues. */
export class QueueMethods {
  constructor(private readonly parts: QueueMethodsParts) {}

  create({ parent, queue }: CreateQueueRequest): QueueResource {
    checkLocation(parent);
    const name = parseQueueName(queue.name ?? '');
    if (this.parts.queues.get(name.full)) throw refusal.queueExists();
    if (this.isRecent(name.full)) throw refusal.queueTooRecent();
    return this.put(name.full, queue);
  }

  get({ name }: NameRequest): QueueResource {
    return this.existing(parseQueueName(name).full);
  }

  /** The queue, or the refusal that there is none. */
  existing(name: string): QueueResource {
    const queue = this.parts.queues.get(name);
    if (!queue) throw refusal.noQueue();
    return queue;
  }

  /** Makes sure that a queue is there to take a task. */
  ensure(name: QueueName, now: number): void {
    const { queues, autoCreate, tombstones } = this.parts;
    if (queues.get(name.full)) return;
    if (!autoCreate || tombstones.has(name.full, now)) throw refusal.noQueue();
    this.put(name.full, {});
  }

  private put(name: string, queue: QueueResource): QueueResource {
    const complete = completeQueue(queue, false);
    return this.parts.queues.put(name, { ...complete, state: 'RUNNING', purgeTime: null });
  }

  private isRecent(name: string): boolean {
    return this.parts.tombstones.has(name, this.parts.clock.now());
  }
}
