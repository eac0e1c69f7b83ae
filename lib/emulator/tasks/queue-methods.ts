import type { Clock } from '../../system/clock.js';
import type { Dispatcher } from './dispatcher.js';
import { checkLocation, parseQueueName, type QueueName } from './names.js';
import { decodePageToken, encodePageToken } from './page-token.js';
import { toProto } from './proto-time.js';
import { completeQueue } from './queue-config.js';
import type { QueueStore } from './queue-store.js';
import { refusal } from './refusals.js';
import type {
  CreateQueueRequest,
  ListQueuesRequest,
  ListQueuesResponse,
  NameRequest,
  UpdateQueueRequest,
} from './requests.js';
import type { QueueResource } from './resources.js';
import type { Retirement } from './retirement.js';
import type { Tombstones } from './tombstones.js';
import { updatedQueue } from './update-mask.js';

/** ListQueuesRequest.page_size in Google's cloudtasks.proto. */
const MAX_PAGE_SIZE = 9800;

/** What the methods for queues work with. */
export interface QueueMethodsParts {
  readonly clock: Clock;
  readonly queues: QueueStore;
  readonly tombstones: Tombstones;
  readonly retirement: Retirement;
  readonly dispatcher: Dispatcher;
  /** Whether a first CreateTask creates its queue. */
  readonly autoCreate: boolean;
  /** The settings of queues that are so created, by id. */
  readonly templates: ReadonlyMap<string, QueueResource>;
  /** How long the name of a deleted queue stays taken, in milliseconds. */
  readonly tombstoneMs: number;
}

/** The methods of the service that are about queues. */
export class QueueMethods {
  constructor(private readonly parts: QueueMethodsParts) {}

  create({ parent, queue }: CreateQueueRequest): QueueResource {
    checkLocation(parent);
    const { full } = parseQueueName(queue.name ?? '');
    if (this.parts.queues.get(full)) throw refusal.queueExists();
    return this.createNew(full, queue);
  }

  /** Creates the queue if it is not there. */
  update({ queue, updateMask }: UpdateQueueRequest): QueueResource {
    const { full } = parseQueueName(queue.name ?? '');
    const current = this.parts.queues.get(full);
    if (!current) return this.createNew(full, queue);
    const updated = updatedQueue(current, queue, updateMask?.paths ?? []);
    const stored = this.parts.queues.put(full, completeQueue(updated, false));
    this.parts.dispatcher.reconfigure(full);
    return stored;
  }

  get({ name }: NameRequest): QueueResource {
    return this.existing(parseQueueName(name).full);
  }

  list({ parent, filter, pageSize, pageToken }: ListQueuesRequest): ListQueuesResponse {
    checkLocation(parent);
    if (filter) throw refusal.unimplemented('ListQueuesRequest.filter');
    const after = decodePageToken(pageToken);
    const limit = Math.min(pageSize || MAX_PAGE_SIZE, MAX_PAGE_SIZE);
    const rest = this.parts.queues.within(parent).filter(({ name }) => (name ?? '') > after);
    const queues = rest.slice(0, limit);
    const last = queues.at(-1)?.name ?? '';
    return { queues, nextPageToken: rest.length > limit ? encodePageToken(last) : '' };
  }

  delete({ name }: NameRequest): object {
    const { queues, tombstones, retirement, clock, tombstoneMs } = this.parts;
    const { full } = parseQueueName(name);
    if (!queues.get(full)) throw refusal.noEntity();
    tombstones.set(full, clock.now() + tombstoneMs);
    retirement.retireAll(full, clock.now());
    queues.remove(full);
    return {};
  }

  purge({ name }: NameRequest): QueueResource {
    const queue = this.get({ name });
    const now = this.parts.clock.now();
    this.parts.retirement.retireAll(name, now);
    return this.parts.queues.put(name, { ...queue, purgeTime: toProto(now) });
  }

  pause({ name }: NameRequest): QueueResource {
    return this.parts.queues.put(name, { ...this.get({ name }), state: 'PAUSED' });
  }

  resume({ name }: NameRequest): QueueResource {
    const queue = this.parts.queues.put(name, { ...this.get({ name }), state: 'RUNNING' });
    this.parts.dispatcher.lookAt(this.parts.clock.now());
    return queue;
  }

  /** The queue, or the refusal that there is none. */
  existing(name: string): QueueResource {
    const queue = this.parts.queues.get(name);
    if (!queue) throw refusal.noQueue();
    return queue;
  }

  /** Makes sure that a queue is there to take a task. */
  ensure({ full, id }: QueueName): void {
    const { queues, autoCreate, templates } = this.parts;
    if (queues.get(full)) return;
    if (!autoCreate || this.isRecent(full)) throw refusal.noQueue();
    this.put(full, completeQueue(templates.get(id) ?? {}, true));
  }

  private createNew(name: string, queue: QueueResource): QueueResource {
    if (this.isRecent(name)) throw refusal.queueTooRecent();
    return this.put(name, completeQueue(queue, false));
  }

  private put(name: string, complete: QueueResource): QueueResource {
    const stored = this.parts.queues.put(name, { ...complete, state: 'RUNNING', purgeTime: null });
    this.parts.dispatcher.reconfigure(name);
    return stored;
  }

  private isRecent(name: string): boolean {
    return this.parts.tombstones.has(name, this.parts.clock.now());
  }
}
