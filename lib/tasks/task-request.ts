import type { EntityAddress } from '../datastore/entity-address.js';
import { UnreadableTaskError } from '../locker.errors.js';
import { decodeLockKey } from './lock-key.js';

/** Request headers as Node gives them: names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What one delivery of a task says: which step of which run it is for, and what the queue tells about it. */
export interface TaskRequest extends EntityAddress {
  /** The run; empty for tasks of the Go library. */
  readonly run: string;
  readonly step: number;
  /** The dispatch number of the step; 0 for its first task. */
  readonly number: number;
  /** The short name of the queue that delivered it; empty when no queue did. */
  readonly queue: string;
  readonly taskName: string;
  /** Deliveries of this task before this one, our own "busy" answers included. */
  readonly retryCount: number;
  /** How the delivery before this one was answered, as the queue tells it; undefined when there was none. */
  readonly previousResponse: number | undefined;
  /** App Engine's id of this request in its log. */
  readonly requestId: string | undefined;
  /** The trace this request belongs to. */
  readonly trace: string | undefined;
  /** When it was due, milliseconds since the epoch; undefined: the queue does not say. */
  readonly eta: number | undefined;
  /** What created the task, as W3C's `traceparent` says it; undefined: nobody watched. */
  readonly createdBy: string | undefined;
}

const runId = /^[0-9a-f]{32}$/;

/**
 * Reads the lock and the queue's own headers out of a request, of HTTP targets and of App Engine's alike.
 *
 * @throws UnreadableTaskError naming the header that is missing or malformed
 */
export function parseTaskRequest(headers: Headers): TaskRequest {
  const run = read(headers, 'x-lock-run') ?? '';
  if (run !== '' && !runId.test(run)) throw unreadable('X-Lock-Run', run, 'it is not a run id');
  const step = count(headers, 'X-Lock-Seq');
  if (step === undefined) throw unreadable('X-Lock-Seq', undefined, 'it is missing');
  if (step === 0 && run !== '') throw unreadable('X-Lock-Seq', '0', 'steps count from 1');
  const trace = read(headers, 'traceparent') ?? read(headers, 'x-cloud-trace-context');
  return {
    ...readAddress(headers),
    run,
    step,
    number: count(headers, 'X-Lock-Dispatch') ?? 0,
    queue: fromQueue(headers, 'queuename') ?? '',
    taskName: fromQueue(headers, 'taskname') ?? '',
    retryCount: Number(fromQueue(headers, 'taskretrycount') ?? 0) || 0,
    previousResponse: Number(fromQueue(headers, 'taskpreviousresponse')) || undefined,
    requestId: read(headers, 'x-appengine-request-log-id'),
    trace: trace?.slice(0, 100),
    eta: Number(fromQueue(headers, 'tasketa')) * 1_000 || undefined,
    createdBy: read(headers, 'x-lock-traceparent')?.slice(0, 100),
  };
}

/** Whether a request comes from a queue, by its own account. */
export function namesQueue(headers: Headers): boolean {
  return fromQueue(headers, 'queuename') !== undefined;
}

function readAddress(headers: Headers): EntityAddress {
  const header = read(headers, 'x-lock-key');
  if (header === undefined) throw unreadable('X-Lock-Key', undefined, 'it is missing');
  try {
    return decodeLockKey(header);
  } catch (error) {
    throw unreadable('X-Lock-Key', header, error instanceof Error ? error.message : String(error));
  }
}

function fromQueue(headers: Headers, name: string): string | undefined {
  return read(headers, `x-cloudtasks-${name}`) ?? read(headers, `x-appengine-${name}`);
}

function count(headers: Headers, name: string): number | undefined {
  const value = read(headers, name.toLowerCase());
  if (value === undefined) return undefined;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  if (number === undefined) throw unreadable(name, value, 'it is not a count');
  return number;
}

function read(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function unreadable(name: string, value: string | undefined, why: string): UnreadableTaskError {
  const shown = value === undefined ? '' : ` (${JSON.stringify(value.slice(0, 60))})`;
  return new UnreadableTaskError(
    `The task's header ${name}${shown} cannot be read: ${why}. Schedule steps with LockerService only.`,
  );
}
