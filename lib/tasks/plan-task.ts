import { longestDelay } from '../locked-task.errors.js';
import type { PlannedTask } from '../lock/lock.js';
import { TaskRefusedError } from '../locker.errors.js';
import { toMilliseconds, type Duration } from '../system/duration.js';

/** How a step's task is to be made. */
export interface TaskOptions {
  /** The request's body, sent as JSON, at most 32 KiB. Default: `{}`. */
  readonly body?: unknown;
  /** The request's body as form parameters, instead of `body`. */
  readonly form?: Readonly<Record<string, string>>;
  /** Not before this long from now, at most 30 days. Default: at once. */
  readonly delay?: Duration;
  /** Not before this moment, instead of `delay`, at most 30 days from now. */
  readonly at?: Date;
  /** The queue's short name. Default: inside a handler the queue its task came from, else the option `defaultQueue`. */
  readonly queue?: string;
}

/** The task is stored in the entity, so that it can be created again; bytes. */
const longestBody = 32 * 1_024;

/** https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2#queue */
const queueName = /^[A-Za-z0-9-]{1,100}$/;

/**
 * The task of a step as it will be stored.
 *
 * @throws TaskRefusedError naming the option that is wrong
 */
export function planTask(
  name: string,
  options: TaskOptions,
  defaultQueue: string,
  now: number,
): PlannedTask {
  const refuse = (what: string) =>
    new TaskRefusedError(`Task "${name}" was not scheduled: ${what}`);
  const queue = options.queue ?? defaultQueue;
  if (!queueName.test(queue))
    throw refuse(`queue "${queue}" is no queue's name; expected letters, digits and hyphens.`);
  const content = encodeBody(options, refuse);
  if (content && Buffer.byteLength(content.body) > longestBody)
    throw refuse(
      `its body has ${Buffer.byteLength(content.body)} bytes; at most 32 KiB travel with a task, keep more in the entity.`,
    );
  return { name, queue, ...content, ...timing(options, now, refuse) };
}

type Refuse = (what: string) => TaskRefusedError;

function encodeBody(
  { body, form }: TaskOptions,
  refuse: Refuse,
): { body: string; type?: string } | undefined {
  if (body !== undefined && form !== undefined) throw refuse('it has both body and form.');
  if (form)
    return {
      body: new URLSearchParams(form).toString(),
      type: 'application/x-www-form-urlencoded',
    };
  if (body === undefined) return undefined;
  try {
    const json: unknown = JSON.stringify(body);
    if (typeof json === 'string') return { body: json };
  } catch (error) {
    throw refuse(`its body is no JSON: ${String(error)}`);
  }
  throw refuse(`its body is a ${typeof body}, which is no JSON.`);
}

function timing(
  { delay, at }: TaskOptions,
  now: number,
  refuse: Refuse,
): { delay: number } | { at: number } | undefined {
  if (delay !== undefined && at !== undefined) throw refuse('it has both delay and at.');
  if (delay === undefined && at === undefined) return undefined;
  const moment = at?.getTime() ?? NaN;
  const ahead = delay === undefined ? moment - now : toMilliseconds(delay);
  if (ahead === undefined || Number.isNaN(ahead))
    throw refuse(
      `its time ${String(delay ?? at)} is none; expected a duration such as '5m', or a Date.`,
    );
  if (ahead > longestDelay)
    throw refuse(
      'Cloud Tasks schedules at most 30 days ahead. Schedule a nearer step that goes on from there.',
    );
  return delay === undefined ? { at: moment } : { delay: ahead };
}
