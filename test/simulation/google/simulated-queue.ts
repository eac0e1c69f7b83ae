import { RpcError } from '../../../lib/emulator/rpc-error.js';
import { milliseconds } from '../../../lib/datastore/timestamp.js';
import type { CreateTaskRequest, TaskProto } from '../../../lib/google/tasks-api.js';
import { Status } from '../../../lib/google/status.js';
import type { Troubles } from '../fleet/troubles.js';
import type { Scheduler } from '../world/scheduler.js';
import type { Story } from '../world/story.js';
import type { Answer } from './outcome.js';

/** One delivery, as its target gets it. */
export interface Delivered {
  readonly name: string;
  /** Which attempt of which task it is. */
  readonly attempt: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Hears how a delivery ended: its HTTP status; undefined: no answer. */
export type Ended = (status: number | undefined) => void;

/** A task in a queue. */
export interface QueuedTask {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  attempts: number;
  /** How its last attempt ended; undefined: it is under way. */
  answer: number | undefined;
}

/** What a queue tells those who watch it. */
export interface QueueWatch {
  created(task: QueuedTask): void;
  /** A task of that name exists, or existed. */
  refused(task: QueuedTask, existing: QueuedTask): void;
}

/** The queue's backoff, milliseconds, and how long it waits for an answer. */
const backoff = { first: 100, longest: 60_000 };
const deadline = 600_000;
/** What the queue says of an attempt that nobody answered. */
const unanswered = 504;

/** Cloud Tasks, as much of it as the library calls: it delivers at least once, in whatever order. */
export class SimulatedQueue {
  private readonly tasks = new Map<string, QueuedTask>();
  private readonly tombstones = new Map<string, { task: QueuedTask; until: number }>();
  private created = 0;

  constructor(
    private readonly parts: {
      readonly scheduler: Scheduler;
      readonly troubles: Troubles;
      readonly story: Story;
      readonly latency: () => number;
      /** How long the name of a task that is gone stays taken, milliseconds. Google's texts disagree. */
      readonly tombstoneMs: number;
      readonly deliver: (delivered: Delivered, ended: Ended) => void;
      readonly watch: QueueWatch;
    },
  ) {}

  /** The tasks that are not done. */
  get alive(): readonly QueuedTask[] {
    return [...this.tasks.values()];
  }

  /** Its tasks, and the names that are taken. */
  get mark(): string {
    const now = this.parts.scheduler.now();
    const taken = [...this.tombstones].filter(([, { until }]) => until > now);
    return JSON.stringify([
      this.alive.map((task) => contentOf(task)).toSorted(),
      taken.map(([name, { until }]) => `${name} ${until}`).toSorted(),
    ]);
  }

  createTask({ parent, task }: CreateTaskRequest, answer: Answer<TaskProto>): void {
    const { scheduler, watch } = this.parts;
    const number = ++this.created;
    const queued = queuedTask(task, `${parent}/tasks/${scheduler.stamp() || number}`, number);
    scheduler.touch(queued.name, 'writes');
    if (!isSweep(queued)) {
      // It is watched how many tasks of an entity there are, given how much went wrong.
      scheduler.touch('the number of tasks', 'writes');
      scheduler.touch('what went wrong', 'writes');
    }
    const existing = this.tasks.get(queued.name) ?? this.buried(queued.name);
    if (existing) {
      watch.refused(queued, existing);
      return answer({ error: new RpcError(Status.ALREADY_EXISTS, 'a task of that name exists') });
    }
    this.tasks.set(queued.name, queued);
    watch.created(queued);
    const at = task.scheduleTime ? milliseconds(task.scheduleTime) : scheduler.now();
    this.dispatchAfter(queued, Math.max(0, at - scheduler.now()) + this.parts.latency());
    answer({ value: task });
  }

  getTask(name: string, answer: Answer<TaskProto>): void {
    this.parts.scheduler.touch(name, 'reads');
    const task = this.tasks.get(name);
    if (task) return answer({ value: viewOf(task) });
    answer({ error: new RpcError(Status.NOT_FOUND, 'no such task') });
  }

  private dispatchAfter(task: QueuedTask, delayMs: number): void {
    const { scheduler } = this.parts;
    const dispatch = () => this.dispatch(task);
    scheduler.after(delayMs, `queue: ${task.id}`, dispatch, { content: `dispatch ${task.name}` });
  }

  private dispatch(task: QueuedTask): void {
    const { scheduler, troubles, story } = this.parts;
    scheduler.touch(task.name, 'writes');
    scheduler.observe(() => contentOf(task));
    const fate = troubles.deliveryFate(isSweep(task));
    if (fate !== 'is sent') story.tell('queue', () => `${task.id} ${fate.toUpperCase()}`);
    switch (fate) {
      case 'is lost for good':
        return this.retire(task);
      case 'is sent 5 s late':
        return this.attemptAfter(task, 5_000);
      case 'is sent 90 s late':
        return this.attemptAfter(task, 90_000);
      case 'is sent twice':
        this.attempt(task);
        return this.copyAfter(task, this.parts.latency());
      case 'is sent again after a minute':
        this.attempt(task);
        return this.copyAfter(task, 70_000);
      case 'is sent':
        return this.attempt(task);
    }
  }

  private attemptAfter(task: QueuedTask, delayMs: number): void {
    const { scheduler } = this.parts;
    const attempt = () => this.attempt(task);
    scheduler.after(delayMs, `queue: ${task.id}`, attempt, { content: `attempt ${task.name}` });
  }

  /** Whoever gets a copy, and whatever comes of it, is of no concern to the queue. */
  private copyAfter(task: QueuedTask, delayMs: number): void {
    const { scheduler, deliver } = this.parts;
    const delivered = this.delivered(task, 'again');
    const again = () => deliver(delivered, () => {});
    const content = JSON.stringify({ ...delivered, name: '' });
    scheduler.after(delayMs, `queue: ${task.id} again`, again, { content });
  }

  private attempt(task: QueuedTask): void {
    const { scheduler, troubles, story, deliver } = this.parts;
    scheduler.touch(task.name, 'writes');
    scheduler.observe(() => contentOf(task));
    const delivered = this.delivered(task);
    task.attempts++;
    task.answer = undefined;
    let isOver = false;
    const ended: Ended = (status) => {
      scheduler.touch(task.name, 'writes');
      scheduler.observe(() => `${isOver} ${status} ${task.attempts}`);
      if (isOver) return;
      isOver = true;
      cancelDeadline();
      task.answer = status ?? unanswered;
      const isLost = status !== undefined && troubles.losesAnswer();
      story.tell(
        'queue',
        () => `${task.id}: ${status ?? 'no answer'}${isLost ? ' [ANSWER NOT HEARD]' : ''}`,
      );
      if (status === 200 && !isLost) this.retire(task);
      else this.dispatchAfter(task, pauseAfter(task.attempts));
    };
    const cancelDeadline = scheduler.after(
      deadline,
      `queue: ${task.id} past its deadline`,
      () => ended(undefined),
      { content: `deadline of ${delivered.attempt}` },
    );
    deliver(delivered, ended);
  }

  private delivered(task: QueuedTask, note = ''): Delivered {
    const { name, path, body, headers, attempts, answer } = task;
    return {
      name: task.id,
      attempt: `${name} ${attempts} ${note}`,
      path,
      body,
      headers: {
        ...headers,
        'x-cloudtasks-queuename': 'default',
        'x-cloudtasks-taskname': name.slice(name.lastIndexOf('/') + 1),
        'x-cloudtasks-taskretrycount': String(attempts),
        ...(answer !== undefined && { 'x-cloudtasks-taskpreviousresponse': String(answer) }),
      },
    };
  }

  private retire(task: QueuedTask): void {
    const { scheduler } = this.parts;
    scheduler.touch(task.name, 'writes');
    // To those who count them, it is the same what ended first.
    if (!isSweep(task)) scheduler.touch('the number of tasks', 'reads');
    if (!this.tasks.delete(task.name)) return;
    const until = scheduler.now() + this.parts.tombstoneMs;
    this.tombstones.set(task.name, { task, until });
  }

  private buried(name: string): QueuedTask | undefined {
    const tombstone = this.tombstones.get(name);
    return tombstone && this.parts.scheduler.now() < tombstone.until ? tombstone.task : undefined;
  }
}

/** All of a task but its number. */
function contentOf(task: QueuedTask): string {
  return JSON.stringify({ ...task, id: undefined });
}

/** Whether a task is one of the sweep. */
export function isSweep({ headers }: Pick<QueuedTask, 'headers'>): boolean {
  return headers['x-lock-key'] === undefined;
}

function pauseAfter(attempts: number): number {
  return Math.min(backoff.longest, backoff.first * 2 ** (attempts - 1));
}

function queuedTask(
  { name, httpRequest }: TaskProto,
  fallback: string,
  number: number,
): QueuedTask {
  const headers = Object.entries(httpRequest?.headers ?? {});
  return {
    id: `task ${number}`,
    name: name ?? fallback,
    path: new URL(httpRequest?.url ?? '').pathname,
    headers: Object.fromEntries(headers.map(([header, value]) => [header.toLowerCase(), value])),
    body: Buffer.from(httpRequest?.body ?? '').toString(),
    attempts: 0,
    answer: undefined,
  };
}

/** What the service tells about a task: of its last attempt alone how it ended. */
function viewOf({ name, attempts, answer }: QueuedTask): TaskProto {
  const responseStatus = { code: 10, message: `ABORTED(10): HTTP status code ${answer}` };
  const ended = answer !== undefined && { responseTime: { seconds: 0 }, responseStatus };
  return {
    name,
    dispatchCount: attempts,
    ...(attempts > 0 && { lastAttempt: { ...ended } }),
  };
}
