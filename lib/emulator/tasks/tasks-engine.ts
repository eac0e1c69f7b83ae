import type { TasksApi } from '../../google/tasks-api.js';
import { type Clock, systemClock } from '../../system/clock.js';
import { systemEntropy } from '../../system/entropy.js';
import { Protos } from '../protos.js';
import { AttemptRunner } from './attempt-runner.js';
import { Attempts } from './attempts.js';
import { undisturbed } from './dispatch-hooks.js';
import { Dispatcher } from './dispatcher.js';
import { HttpSender } from './http-sender.js';
import { OidcIssuer } from './oidc-issuer.js';
import { addInitialQueues } from './initial-queues.js';
import { QueueMethods } from './queue-methods.js';
import { PolicyMethods } from './policy-methods.js';
import { QueueStore } from './queue-store.js';
import type {
  CreateQueueRequest,
  CreateViewedTaskRequest,
  ListQueuesRequest,
  ListQueuesResponse,
  ListTasksRequest,
  ListTasksResponse,
  NameRequest,
  PolicyRequest,
  SetPolicyRequest,
  TestPermissionsRequest,
  UpdateQueueRequest,
  ViewedTaskRequest,
} from './requests.js';
import type { PolicyProto, QueueResource, TaskResource } from './resources.js';
import { Retirement } from './retirement.js';
import { createSchema } from './schema.js';
import type { TasksEngineOptions } from './tasks-engine-options.js';
import { TaskMethods } from './task-methods.js';
import { TaskStore } from './task-store.js';
import { Tombstones } from './tombstones.js';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

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
  private readonly policies: PolicyMethods;

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
    const templates = addInitialQueues(queues, options.queues ?? []);
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
      attempts: new Attempts(tasks, queues, retirement),
      retirement,
      runner: this.runner,
      hooks,
    });
    this.queues = new QueueMethods({
      clock,
      queues,
      tombstones,
      retirement,
      dispatcher: this.dispatcher,
      autoCreate: options.autoCreateQueues ?? false,
      templates,
      tombstoneMs: options.queueTombstoneMs ?? 7 * DAY,
    });
    const policy = protos.message<PolicyProto>('google.iam.v1.Policy');
    this.policies = new PolicyMethods(database, policy, queues);
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

  /** Creates a task. @throws RpcError as Google's `CreateTask` does: ALREADY_EXISTS for a name that is or was taken */
  createTask(request: CreateViewedTaskRequest): Promise<TaskResource> {
    return answer(() => this.tasks.create(request));
  }

  /** A task as it stands. @throws RpcError as Google's `GetTask` does: NOT_FOUND once it is over */
  getTask(request: ViewedTaskRequest): Promise<TaskResource> {
    return answer(() => this.tasks.get(request));
  }

  /** The tasks of a queue, page by page. @throws RpcError as Google's `ListTasks` does */
  listTasks(request: ListTasksRequest): Promise<ListTasksResponse> {
    return answer(() => this.tasks.list(request));
  }

  /** Deletes a task; its name stays taken. @throws RpcError as Google's `DeleteTask` does */
  deleteTask(request: NameRequest): Promise<object> {
    return answer(() => this.tasks.delete(request));
  }

  /** Dispatches a task now, even beside an attempt under way. @throws RpcError as Google's `RunTask` does */
  runTask(request: ViewedTaskRequest): Promise<TaskResource> {
    return answer(() => this.tasks.run(request));
  }

  /** Creates a queue. @throws RpcError as Google's `CreateQueue` does */
  createQueue(request: CreateQueueRequest): Promise<QueueResource> {
    return answer(() => this.queues.create(request));
  }

  /** A queue as it stands. @throws RpcError as Google's `GetQueue` does */
  getQueue(request: NameRequest): Promise<QueueResource> {
    return answer(() => this.queues.get(request));
  }

  /** Changes a queue, or creates it. @throws RpcError as Google's `UpdateQueue` does */
  updateQueue(request: UpdateQueueRequest): Promise<QueueResource> {
    return answer(() => this.queues.update(request));
  }

  /** Deletes a queue and its tasks. @throws RpcError as Google's `DeleteQueue` does */
  deleteQueue(request: NameRequest): Promise<object> {
    return answer(() => this.queues.delete(request));
  }

  /** The queues of a location, page by page. @throws RpcError as Google's `ListQueues` does */
  listQueues(request: ListQueuesRequest): Promise<ListQueuesResponse> {
    return answer(() => this.queues.list(request));
  }

  /** Deletes all tasks of a queue. @throws RpcError as Google's `PurgeQueue` does */
  purgeQueue(request: NameRequest): Promise<QueueResource> {
    return answer(() => this.queues.purge(request));
  }

  /** Stops a queue from dispatching. @throws RpcError as Google's `PauseQueue` does */
  pauseQueue(request: NameRequest): Promise<QueueResource> {
    return answer(() => this.queues.pause(request));
  }

  /** Lets a queue dispatch again. @throws RpcError as Google's `ResumeQueue` does */
  resumeQueue(request: NameRequest): Promise<QueueResource> {
    return answer(() => this.queues.resume(request));
  }

  /** The policy of a queue, which nobody enforces. @throws RpcError as Google's `GetIamPolicy` does */
  getIamPolicy(request: PolicyRequest): Promise<PolicyProto> {
    return answer(() => this.policies.get(request));
  }

  /** Stores a queue's policy, which nobody enforces. @throws RpcError as Google's `SetIamPolicy` does */
  setIamPolicy(request: SetPolicyRequest): Promise<PolicyProto> {
    return answer(() => this.policies.set(request));
  }

  /** The permissions that were asked for, all of them; none where there is no such queue. */
  testIamPermissions(request: TestPermissionsRequest): Promise<{ permissions: string[] }> {
    return answer(() => this.policies.test(request));
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
