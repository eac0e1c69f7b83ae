import type { DatabaseSync } from 'node:sqlite';
import type { TasksApi } from '../../google/tasks-api.js';
import { type Clock, systemClock } from '../../system/clock.js';
import { type Entropy, systemEntropy } from '../../system/entropy.js';
import { Protos } from '../protos.js';
import { AttemptRunner } from './attempt-runner.js';
import { type DispatchEvent, type DispatchHooks, undisturbed } from './dispatch-hooks.js';
import { Dispatcher } from './dispatcher.js';
import { HttpSender } from './http-sender.js';
import { type IdTokens, OidcIssuer } from './oidc-issuer.js';
import { completeQueue } from './queue-config.js';
import { QueueMethods } from './queue-methods.js';
import { QueueStore } from './queue-store.js';
import type {
  CreateQueueRequest,
  CreateViewedTaskRequest,
  ListTasksRequest,
  ListTasksResponse,
  NameRequest,
  QueueResource,
  TaskResource,
  ViewedTaskRequest,
} from './resources.js';
import { Retirement } from './retirement.js';
import { createSchema } from './schema.js';
import type { Send } from './target-request.js';
import { TaskMethods } from './task-methods.js';
import { TaskStore } from './task-store.js';
import { Tombstones } from './tombstones.js';

/** A queue that is there from the start. */
export interface InitialQueue extends QueueResource {
  /** `projects/P/locations/L/queues/Q`. */
  name: string;
}

/** How a {@link TasksEngine} is made. */
export interface TasksEngineOptions {
  /** Where it keeps queues and tasks, in tables of its own named `tasks_…`. It may be shared. */
  readonly database: DatabaseSync;
  /** By default the machine's. */
  readonly clock?: Clock;
  /** How requests reach their targets; by default over the network. */
  readonly send?: Send;
  /** Base URL of the App Engine application; by default http://127.0.0.1:8080. */
  readonly appEngineHost?: string;
  /** Queues that are there from the start, unless the database knows them already. */
  readonly queues?: readonly InitialQueue[];
  /** Whether a first CreateTask creates its queue; by default not, as with the real service. */
  readonly autoCreateQueues?: boolean;
  /** How long the name of a task that is gone stays taken, in milliseconds; an hour by default. */
  readonly taskTombstoneMs?: number;
  /** How long the name of a deleted queue stays taken, in milliseconds; seven days by default. */
  readonly queueTombstoneMs?: number;
  /** Names unnamed tasks. */
  readonly entropy?: Entropy;
  /** Makes the tokens of tasks with an `oidcToken`; by default an issuer that nobody publishes the keys of. */
  readonly idTokens?: IdTokens;
  /** Makes trouble between queue and target; by default none. */
  readonly hooks?: DispatchHooks;
  /** Told of every attempt that has ended. */
  readonly observe?: (event: DispatchEvent) => void;
  /** Google's protos of Cloud Tasks, to share them among engines; by default loaded anew, which takes some 60 ms. */
  readonly protos?: Protos;
}

const HOUR = 60 * 60 * 1000;

/**
 * Cloud Tasks in this process: google.cloud.tasks.v2.CloudTasks as methods, and the dispatching behind it. Every
 * method rejects with an `RpcError` where the real service answers with a status.
 */
export class TasksEngine implements TasksApi {
  private readonly clock: Clock;
  private readonly sender = new HttpSender();
  private readonly runner: AttemptRunner;
  private readonly dispatcher: Dispatcher;
  private readonly queues: QueueMethods;
  private readonly tasks: TaskMethods;

  constructor(options: TasksEngineOptions) {
    const {
      database,
      clock = systemClock,
      protos = Protos.tasks(),
      entropy = systemEntropy,
    } = options;
    this.clock = clock;
    createSchema(database);
    const tombstones = new Tombstones(database);
    const queues = new QueueStore(database, protos.message('google.cloud.tasks.v2.Queue'));
    const tasks = new TaskStore(database, protos.message('google.cloud.tasks.v2.Task'));
    const retirement = new Retirement(tasks, tombstones, options.taskTombstoneMs ?? HOUR);
    for (const queue of options.queues ?? []) addInitial(queues, queue);
    const hooks = options.hooks ?? undisturbed;
    this.runner = new AttemptRunner({
      clock,
      hooks,
      send: options.send ?? ((request) => this.sender.send(request)),
      appEngineHost: options.appEngineHost ?? 'http://127.0.0.1:8080',
      idTokens:
        options.idTokens ?? new OidcIssuer('https://cloud-tasks-emulator.invalid', systemClock),
      observe: options.observe ?? (() => undefined),
    });
    this.dispatcher = new Dispatcher({
      clock,
      tasks,
      queues,
      retirement,
      runner: this.runner,
      hooks,
    });
    this.queues = new QueueMethods({
      clock,
      queues,
      tombstones,
      autoCreate: options.autoCreateQueues ?? false,
    });
    this.tasks = new TaskMethods({
      clock,
      entropy,
      tasks,
      tombstones,
      retirement,
      dispatcher: this.dispatcher,
      queues: this.queues,
    });
  }

  createTask(request: CreateViewedTaskRequest): Promise<TaskResource> {
    return answer(() => this.tasks.create(request));
  }

  getTask(request: ViewedTaskRequest): Promise<TaskResource> {
    return answer(() => this.tasks.get(request));
  }

  listTasks(request: ListTasksRequest): Promise<ListTasksResponse> {
    return answer(() => this.tasks.list(request));
  }

  deleteTask(request: NameRequest): Promise<object> {
    return answer(() => this.tasks.delete(request));
  }

  runTask(request: ViewedTaskRequest): Promise<TaskResource> {
    return answer(() => this.tasks.run(request));
  }

  createQueue(request: CreateQueueRequest): Promise<QueueResource> {
    return answer(() => this.queues.create(request));
  }

  getQueue(request: NameRequest): Promise<QueueResource> {
    return answer(() => this.queues.get(request));
  }

  /** When there is next something to dispatch, in milliseconds since the epoch; undefined while nothing waits. */
  get nextDueAt(): number | undefined {
    return this.dispatcher.nextDueAt;
  }

  /** Resolves when no attempt is under way. */
  idle(): Promise<void> {
    return this.dispatcher.idle();
  }

  /** Looks again for something to dispatch: what held it up may be over. */
  lookForWork(): void {
    this.dispatcher.lookAt(this.clock.now());
  }

  /** Stops dispatching and lets go of every connection; the database stays open. */
  close(): void {
    this.dispatcher.close();
    this.sender.close();
  }
}

/** Refusals reject, as they do behind a network. */
function answer<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

function addInitial(queues: QueueStore, queue: InitialQueue): void {
  if (queues.get(queue.name)) return;
  queues.put(queue.name, { ...completeQueue(queue, true), state: queue.state ?? 'RUNNING' });
}
