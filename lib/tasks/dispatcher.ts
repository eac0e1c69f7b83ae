import type { EntityAddress } from '../datastore/entity-address.js';
import { keyText, kindOf } from '../datastore/keys.js';
import { timestamp } from '../datastore/timestamp.js';
import { Status, statusOf } from '../google/status.js';
import type { CreateTaskRequest, TasksApi } from '../google/tasks-api.js';
import type { Lock, StoredTask } from '../lock/lock.js';
import { TaskNotDispatchedError } from '../locker.errors.js';
import { sleep, type Clock } from '../system/clock.js';
import { noTelemetry, type Telemetry } from '../system/telemetry.js';
import { encodeLockKey } from './lock-key.js';
import { addressed, type Target } from './target.js';
import { taskName } from './task-name.js';

/** Where queues are, and where their tasks go. */
export interface DispatchSettings {
  readonly projectId: string;
  readonly location: string;
  readonly target: Target;
  /** Milliseconds that a delivery may take. */
  readonly dispatchDeadline: number;
}

/** Finds the path of a task by its name; undefined where no handler has that name. */
export type PathOf = (taskName: string) => string | undefined;

/** The pauses before CreateTask is tried again, milliseconds. After the last, the sweep does it. */
const pauses = [50, 200, 800];

/** Answers that another try can change. */
const transient: readonly (number | undefined)[] = [
  Status.UNAVAILABLE,
  Status.DEADLINE_EXCEEDED,
  Status.INTERNAL,
  Status.UNKNOWN,
  Status.CANCELLED,
  Status.RESOURCE_EXHAUSTED,
  Status.ABORTED,
];

/** Creates the task of the step that a committed lock owes. */
export class Dispatcher {
  constructor(
    private readonly api: TasksApi,
    private readonly settings: DispatchSettings,
    private readonly pathOf: PathOf,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry = noTelemetry,
  ) {}

  /**
   * Creates the task of a lock's present step. `first`: nobody has dispatched this step before. A first task that
   * is due at once has no name, because a name makes CreateTask much slower; every other one has, so that however
   * often it is created, there is one.
   *
   * @throws TaskNotDispatchedError when Cloud Tasks refuses, or does not answer in about a second
   */
  async dispatch(address: EntityAddress, lock: Lock, how: 'first' | 'again'): Promise<void> {
    const { task } = lock;
    if (!task)
      throw new TaskNotDispatchedError(keyText(address.key), 'the lock knows no task', true);
    const isNamed = how === 'again' || task.at !== undefined || lock.number > 0;
    const part = { name: 'dispatch', kind: kindOf(address.key), task: task.name } as const;
    await this.telemetry.part(part, async () =>
      this.create(address, this.request(address, lock, task, isNamed)),
    );
  }

  /** Whether Cloud Tasks still has the task that was created by name for a lock's present step. */
  async exists(address: EntityAddress, lock: Lock): Promise<boolean> {
    try {
      await this.api.getTask({ name: this.fullName(address, lock, lock.task?.queue ?? '') });
      return true;
    } catch (error) {
      if (statusOf(error) === Status.NOT_FOUND) return false;
      throw error;
    }
  }

  private async create(address: EntityAddress, request: CreateTaskRequest): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.api.createTask(request);
        return;
      } catch (error) {
        const status = statusOf(error);
        if (status === Status.ALREADY_EXISTS) return;
        const pause = pauses[tries];
        if (!transient.includes(status) || pause === undefined)
          throw refused(address, request.parent, error, !transient.includes(status));
        await sleep(this.clock, pause);
      }
    }
  }

  private request(
    address: EntityAddress,
    lock: Lock,
    task: StoredTask,
    isNamed: boolean,
  ): CreateTaskRequest {
    const { target, dispatchDeadline } = this.settings;
    const path = this.pathOf(task.name);
    if (path === undefined)
      throw new TaskNotDispatchedError(
        keyText(address.key),
        `no handler is called "${task.name}"; name its successor in the option "aliases"`,
        true,
      );
    // Never empty: App Engine would call an empty body application/octet-stream, which Fastify refuses.
    const body = Buffer.from(task.body ?? '{}');
    return {
      parent: this.queue(task.queue),
      task: {
        ...addressed(
          target,
          path,
          headers(address, lock, task, this.telemetry.traceparent()),
          body,
        ),
        dispatchDeadline: { seconds: Math.ceil(dispatchDeadline / 1_000) },
        ...(isNamed && { name: this.fullName(address, lock, task.queue) }),
        ...(task.at !== undefined && { scheduleTime: timestamp(task.at) }),
      },
    };
  }

  private queue(name: string): string {
    const { projectId, location } = this.settings;
    return `projects/${projectId}/locations/${location}/queues/${name}`;
  }

  private fullName(address: EntityAddress, lock: Lock, queue: string): string {
    return `${this.queue(queue)}/tasks/${taskName(address, lock)}`;
  }
}

function headers(
  address: EntityAddress,
  lock: Lock,
  task: StoredTask,
  traceparent: string | undefined,
): Record<string, string> {
  return {
    'Content-Type': task.type ?? 'application/json',
    'X-Lock-Key': encodeLockKey(address),
    'X-Lock-Run': lock.run,
    'X-Lock-Seq': String(lock.step),
    ...(lock.number > 0 && { 'X-Lock-Dispatch': String(lock.number) }),
    // Not as `traceparent`: whoever is in front of the handler would go on with that trace, and all tasks of one step
    // would share it in the request log, where the probe looks for one request.
    ...(traceparent !== undefined && { 'X-Lock-Traceparent': traceparent }),
  };
}

function refused(
  address: EntityAddress,
  queue: string,
  cause: unknown,
  isMisconfigured: boolean,
): TaskNotDispatchedError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TaskNotDispatchedError(
    keyText(address.key),
    `CreateTask in ${queue} answered: ${reason}`,
    isMisconfigured,
    cause,
  );
}
