import type { Clock } from '../../system/clock.js';
import type { Entropy } from '../../system/entropy.js';
import { completeTask } from './complete-task.js';
import type { Dispatcher } from './dispatcher.js';
import { checkTaskOfQueue, parseQueueName, parseTaskName } from './names.js';
import { decodePageToken, encodePageToken } from './page-token.js';
import { toMillis } from './proto-time.js';
import type { QueueMethods } from './queue-methods.js';
import { refusal } from './refusals.js';
import type {
  CreateViewedTaskRequest,
  ListTasksRequest,
  ListTasksResponse,
  NameRequest,
  ViewedTaskRequest,
} from './requests.js';
import type { TaskResource } from './resources.js';
import type { Retirement } from './retirement.js';
import { viewOf } from './task-view.js';
import type { StoredTask, TaskStore } from './task-store.js';
import type { Tombstones } from './tombstones.js';

/**
 * The largest task, as Google stores it: 1 MiB − 7 bytes for both kinds of target, measured on the real service in
 * August 2026 (internal/engine/tasksize.go of https://github.com/aertje/cloud-tasks-emulator).
 */
const MAX_TASK_BYTES = 1_048_569;

/** ListTasksRequest.page_size in Google's cloudtasks.proto. */
const MAX_PAGE_SIZE = 1000;

/** What the methods for tasks work with. */
export interface TaskMethodsParts {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly tasks: TaskStore;
  readonly tombstones: Tombstones;
  readonly retirement: Retirement;
  readonly dispatcher: Dispatcher;
  readonly queues: QueueMethods;
}

/** The methods of the service that are about tasks. */
export class TaskMethods {
  constructor(private readonly parts: TaskMethodsParts) {}

  create({ parent, task, responseView }: CreateViewedTaskRequest): TaskResource {
    const { clock, tasks, dispatcher, queues } = this.parts;
    const now = clock.now();
    const queue = parseQueueName(parent);
    const name = this.nameFor(task, queue.full);
    queues.ensure(queue);
    if (task.name && this.isTaken(name, now)) throw refusal.taskExists();
    const complete = completeTask(task, name, queue, now);
    if (tasks.sizeOf(complete) > MAX_TASK_BYTES) {
      throw refusal.invalid(`Task is larger than ${MAX_TASK_BYTES} bytes.`);
    }
    const due = toMillis(complete.scheduleTime ?? {});
    tasks.add({ name, queue: queue.full, task: complete, due, created: now });
    dispatcher.lookAt(due);
    return viewOf(this.present(name).task, responseView);
  }

  get({ name, responseView }: ViewedTaskRequest): TaskResource {
    return viewOf(this.present(name).task, responseView);
  }

  list({ parent, responseView, pageSize, pageToken }: ListTasksRequest): ListTasksResponse {
    const queue = parseQueueName(parent);
    this.parts.queues.existing(queue.full);
    this.parts.retirement.expire(this.parts.clock.now());
    const limit = Math.min(pageSize || MAX_PAGE_SIZE, MAX_PAGE_SIZE);
    const found = this.parts.tasks.page(queue.full, decodePageToken(pageToken), limit + 1);
    const page = found.slice(0, limit);
    return {
      tasks: page.map(({ task }) => viewOf(task, responseView)),
      nextPageToken: found.length > limit ? encodePageToken(page.at(-1)?.name ?? '') : '',
    };
  }

  delete({ name }: NameRequest): object {
    this.parts.retirement.retire(this.present(name), this.parts.clock.now());
    return {};
  }

  run({ name, responseView }: ViewedTaskRequest): TaskResource {
    this.parts.dispatcher.force(this.present(name));
    return this.get({ name, ...(responseView && { responseView }) });
  }

  private present(name: string): StoredTask {
    parseTaskName(name);
    const { tasks, tombstones, retirement, clock } = this.parts;
    const now = clock.now();
    retirement.expire(now);
    const found = tasks.find(name);
    if (found) return found;
    throw tombstones.has(name, now) ? refusal.taskGone() : refusal.noEntity();
  }

  private isTaken(name: string, now: number): boolean {
    const { tasks, tombstones, retirement } = this.parts;
    retirement.expire(now);
    return tasks.find(name) !== undefined || tombstones.has(name, now);
  }

  /** Unnamed tasks get a number of up to twenty digits, as the real service gives them. */
  private nameFor(task: TaskResource, queue: string): string {
    if (task.name) return checkTaskOfQueue(task.name, queue);
    const digits = BigInt(`0x${this.parts.entropy.id().slice(0, 16)}`);
    return `${queue}/tasks/${digits}`;
  }
}
