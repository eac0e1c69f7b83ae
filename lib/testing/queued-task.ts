import type { Key } from '@google-cloud/datastore';
import { keyFromProto } from '../datastore/keys.js';
import { milliseconds } from '../datastore/timestamp.js';
import type { TaskProto } from '../google/tasks-api.js';
import { parseTaskRequest } from '../tasks/task-request.js';

/** A task of a chain, as it waits in its queue. */
export interface QueuedTask {
  /** Its full name in Cloud Tasks. */
  readonly name: string;
  /** The short name of its queue. */
  readonly queue: string;
  /** Whose chain it belongs to. */
  readonly key: Key;
  readonly run: string;
  readonly step: number;
  /** The dispatch number of its step; 0 for the first. */
  readonly number: number;
  /** When it is due. */
  readonly at: Date;
  /** Where it is delivered to. */
  readonly url: string;
  /** Its request's headers, as they were created. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its request's body, as it is sent. */
  readonly body: string;
}

/** A task of Cloud Tasks as one of a chain; undefined: it is another, such as a sweep. */
export function queuedTask(task: TaskProto): QueuedTask | undefined {
  const { name, httpRequest, scheduleTime } = task;
  const headers = { ...httpRequest?.headers };
  const lowered = Object.fromEntries(
    Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]),
  );
  if (!name || !httpRequest?.url || lowered['x-lock-key'] === undefined) return undefined;
  const { key, run, step, number } = parseTaskRequest(lowered);
  return {
    name,
    queue: name.split('/').at(-3) ?? '',
    key: keyFromProto(key),
    run,
    step,
    number,
    at: new Date(milliseconds(scheduleTime ?? {})),
    url: httpRequest.url,
    headers,
    body: Buffer.from(httpRequest.body ?? '').toString(),
  };
}

/** The headers that a queue adds to a task's own. */
export function queueHeaders({ name, queue }: QueuedTask): Record<string, string> {
  const headers = {
    'X-CloudTasks-QueueName': queue,
    'X-CloudTasks-TaskName': name.split('/').at(-1) ?? '',
    'X-CloudTasks-TaskRetryCount': '0',
    'X-CloudTasks-TaskExecutionCount': '0',
  };
  return headers;
}
