import { AssertionError } from 'node:assert';
import type { Key } from '@google-cloud/datastore';
import { keyText, keyToProto } from '../datastore/keys.js';
import type { Emulator } from '../emulator/emulator.js';
import type { ShiftingClock } from '../emulator/shifting-clock.js';
import type { DueLocks } from './due-locks.js';
import { queuedTask, queueHeaders, type QueuedTask } from './queued-task.js';

/** How a task is delivered by hand. */
export interface DeliverOptions {
  /** How many requests are sent, all at once. Default: 1. */
  readonly times?: number;
  /** Headers that are added to the request, or replace some of it. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** How the application answered a delivery. */
export interface DeliveryAnswer {
  /** 200 ends the task; its queue would bring it again after anything else. */
  readonly status: number;
  /** What became of it: `'advanced'`, `'completed'`, `'stale'`, `'busy'` …; undefined: the handler's own error was answered. */
  readonly outcome: string | undefined;
  /** Why, where a step was not run. */
  readonly reason: string | undefined;
  /** The answer as it came. */
  readonly body: string;
}

/** When draining ends. */
export interface DrainLimits {
  /** Leaves what is due later alone, unless its time has come meanwhile: the clock runs while tasks do. Default: nothing. */
  readonly until?: Date;
  /** How many moments at which something is due are gone through before that counts as endless. Default: 10,000. */
  readonly limit?: number;
}

/** The tasks of an application under test. Nothing is dispatched by itself: a test drains the queues, or delivers by hand. */
export class TestTasks {
  private sweptAt = 0;

  constructor(
    private readonly emulator: Emulator,
    private readonly clock: ShiftingClock,
    /** `projects/P/locations/L`. */
    private readonly location: string,
    private readonly locks: DueLocks,
    private readonly sweep: () => Promise<unknown>,
  ) {}

  /**
   * Lets every task run to its end, retries and delays included, as if time flew: jumps to the next moment at which a task
   * or a sweep has anything to do, until there is none.
   *
   * @throws Error when there is no end to it, see `limit`
   */
  async drain({ until, limit = 10_000 }: DrainLimits = {}): Promise<void> {
    const { faults, tasks } = this.emulator;
    const end = until?.getTime() ?? Infinity;
    faults.release();
    try {
      for (let jumps = 0; ; jumps++) {
        await tasks.idle();
        const next = await this.nextAt();
        if (next === undefined || next > Math.max(end, this.clock.now())) return;
        if (jumps === limit)
          throw new Error(`drain(): something was still due after ${limit} jumps in time.`);
        await this.jumpTo(next);
      }
    } finally {
      faults.hold();
    }
  }

  /** The tasks of chains that wait in the queues, the earliest first; those of one chain, or all. */
  async waiting(key?: Key): Promise<QueuedTask[]> {
    const text = key && keyText(keyToProto(key));
    const tasks: QueuedTask[] = [];
    for await (const task of this.all()) {
      const queued = queuedTask(task);
      if (queued && (text === undefined || keyText(keyToProto(queued.key)) === text))
        tasks.push(queued);
    }
    return tasks.toSorted((one, other) => one.at.getTime() - other.at.getTime());
  }

  /**
   * The earliest task of a chain that waits in a queue.
   *
   * @throws AssertionError when there is none
   */
  async next(key: Key): Promise<QueuedTask> {
    const [first] = await this.waiting(key);
    if (first) return first;
    const message = `Expected a task of ${keyText(keyToProto(key))} in a queue. There is none.`;
    throw new AssertionError({ message, actual: 0, expected: 1 });
  }

  /**
   * Delivers a task by hand, as its queue would, due or not. It stays in its queue, and the queue delivers it too: to try
   * out duplicates, late ones and those that race.
   *
   * @returns the answers, in the order of the requests
   */
  async deliver(
    task: QueuedTask,
    { times = 1, headers }: DeliverOptions = {},
  ): Promise<DeliveryAnswer[]> {
    const all = { ...task.headers, ...queueHeaders(task), ...headers };
    const requests = Array.from({ length: times }, () => post(task.url, all, task.body));
    return Promise.all(requests);
  }

  /** What a sweep could not deal with stays due; once looked at, it does not count any more. */
  private async nextAt(): Promise<number | undefined> {
    const task = this.emulator.tasks.nextDueAt;
    const lock = await this.locks.nextAt(this.sweptAt);
    return task === undefined || lock === undefined ? (task ?? lock) : Math.min(task, lock);
  }

  private async jumpTo(moment: number): Promise<void> {
    await this.clock.advance(Math.max(0, moment - this.clock.now()));
    await this.emulator.tasks.idle();
    const lock = await this.locks.nextAt(this.sweptAt);
    if (lock === undefined || lock > this.clock.now()) return;
    this.sweptAt = this.clock.now();
    await this.sweep();
  }

  private async *all() {
    const { queues } = await this.emulator.tasks.listQueues({ parent: this.location });
    for (const { name } of queues) {
      let pageToken = '';
      do {
        const page = await this.emulator.tasks.listTasks({
          parent: name ?? '',
          responseView: 'FULL',
          pageToken,
        });
        yield* page.tasks;
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
    }
  }
}

async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<DeliveryAnswer> {
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  return { status: response.status, ...told(text), body: text };
}

function told(body: string): Pick<DeliveryAnswer, 'outcome' | 'reason'> {
  const parsed: unknown = body.startsWith('{') ? JSON.parse(body) : undefined;
  const read = (name: string): string | undefined => {
    const value: unknown =
      typeof parsed === 'object' && parsed ? Reflect.get(parsed, name) : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  return { outcome: read('outcome'), reason: read('reason') };
}
