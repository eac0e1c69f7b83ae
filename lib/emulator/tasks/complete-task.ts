import type { AppEngineHttpRequestProto, HttpRequestProto } from '../../google/tasks-api.js';
import type { QueueName } from './names.js';
import { toMillis, toProto } from './proto-time.js';
import { refusal } from './refusals.js';
import type { TaskResource } from './resources.js';
import { storedAppEngineHeaders, storedHttpHeaders } from './stored-headers.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** How far ahead a task may be scheduled: https://cloud.google.com/tasks/docs/quotas */
const MAX_AHEAD_MS = 30 * DAY;

/** Target URLs and URIs: HttpRequest.url in Google's target.proto. */
const MAX_URL_LENGTH = 2083;

/** HttpRequest.headers in Google's target.proto. */
const MAX_HEADER_BYTES = 80 * 1024;

/** How long an answer is waited for when the task names no deadline: Task.dispatch_deadline in Google's task.proto. */
export const DEFAULT_DEADLINE_MS = 10 * MINUTE;

/**
 * Checks a task as CreateTask does and completes it as it will be stored: name, times, method, headers. A URL is
 * looked at no closer than the real service does, which takes one with a broken escape and fails at dispatch.
 */
export function completeTask(
  task: TaskResource,
  name: string,
  queue: QueueName,
  now: number,
): TaskResource {
  const asked = task.scheduleTime ? toMillis(task.scheduleTime) : now;
  refuseIf(asked > now + MAX_AHEAD_MS, 'Task.scheduleTime must be within 30 days from now.');
  return {
    name,
    ...completeTarget(task, queue),
    scheduleTime: toProto(Math.max(asked, now)),
    // Truncated to the second: Task.create_time.
    createTime: toProto(Math.floor(now / SECOND) * SECOND),
  };
}

function completeTarget(task: TaskResource, queue: QueueName): TaskResource {
  const deadline = task.dispatchDeadline && toMillis(task.dispatchDeadline);
  if (task.httpRequest) {
    checkDeadline(deadline ?? DEFAULT_DEADLINE_MS, 30 * MINUTE, '30 minutes');
    return {
      httpRequest: completeHttp(task.httpRequest),
      dispatchDeadline: toProto(deadline ?? DEFAULT_DEADLINE_MS),
    };
  }
  if (task.appEngineHttpRequest) {
    if (deadline) checkDeadline(deadline, DAY + 15 * SECOND, '24 hours and 15 seconds');
    const appEngineHttpRequest = completeAppEngine(task.appEngineHttpRequest, queue);
    return deadline
      ? { appEngineHttpRequest, dispatchDeadline: toProto(deadline) }
      : { appEngineHttpRequest };
  }
  throw refusal.invalid('Task.httpRequest or Task.appEngineHttpRequest is required.');
}

function completeHttp(request: HttpRequestProto): HttpRequestProto {
  const url = request.url ?? '';
  refuseIf(url === '', 'HttpRequest.url is required.');
  refuseIf(!/^https?:\/\//.test(url), "HttpTarget.url must start with 'http://' or 'https://'.");
  refuseIf(url.length > MAX_URL_LENGTH, `HttpRequest.url is longer than ${MAX_URL_LENGTH}.`);
  const headers = request.headers ?? {};
  refuseIf(sizeOf(headers) >= MAX_HEADER_BYTES, 'HttpRequest.headers must be less than 80KB.');
  checkBody(request, ['POST', 'PUT', 'PATCH'], 'HttpRequest');
  if (request.oauthToken) throw refusal.unimplemented('HttpRequest.oauthToken');
  refuseIf(
    Boolean(request.oidcToken) && !request.oidcToken?.serviceAccountEmail,
    'HttpRequest.oidcToken.serviceAccountEmail is required.',
  );
  const { serviceAccountEmail, audience } = request.oidcToken ?? {};
  return {
    url,
    httpMethod: methodOf(request),
    headers: storedHttpHeaders(headers),
    body: filled(bodyOf(request)),
    ...(request.oidcToken && {
      oidcToken: { serviceAccountEmail: filled(serviceAccountEmail), audience: filled(audience) },
    }),
  };
}

function completeAppEngine(
  request: AppEngineHttpRequestProto,
  queue: QueueName,
): AppEngineHttpRequestProto {
  const relativeUri = request.relativeUri || '/';
  refuseIf(
    !relativeUri.startsWith('/') || relativeUri.includes(' '),
    "AppEngineHttpRequest.relativeUri must begin with '/' and must not contain spaces.",
  );
  refuseIf(
    relativeUri.length > MAX_URL_LENGTH,
    `AppEngineHttpRequest.relativeUri is longer than ${MAX_URL_LENGTH}.`,
  );
  checkBody(request, ['POST', 'PUT'], 'AppEngineHttpRequest');
  const { service, version, instance } = request.appEngineRouting ?? {};
  const labels = [instance, version, service, `${queue.project}.appspot.com`];
  const body = bodyOf(request);
  const host = labels.filter(Boolean).join('.');
  return {
    httpMethod: methodOf(request),
    relativeUri,
    headers: storedAppEngineHeaders(request.headers ?? {}, body.length),
    appEngineRouting: {
      service: filled(service),
      version: filled(version),
      instance: filled(instance),
      host,
    },
    body: filled(body),
  };
}

type AnyRequest = HttpRequestProto | AppEngineHttpRequestProto;

function methodOf(request: AnyRequest) {
  const method = request.httpMethod;
  return method && METHODS.has(method) ? method : 'POST';
}

const METHODS = new Set<string>(['POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']);

/** As in Google's clients, a string is base64. */
function bodyOf({ body }: AnyRequest): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body, 'base64') : (body ?? Buffer.alloc(0));
}

/** Null instead of empty: the message would spend bytes on it, and a task is measured as it is written. */
function filled<T extends string | Uint8Array>(value: T | null | undefined): T | null {
  return value?.length ? value : null;
}

function checkBody(request: AnyRequest, allowed: string[], field: string): void {
  refuseIf(
    bodyOf(request).length > 0 && !allowed.includes(methodOf(request)),
    `${field}.body is allowed only if the method is ${allowed.join(', ')}.`,
  );
}

function checkDeadline(ms: number, max: number, maxText: string): void {
  refuseIf(
    ms < 15 * SECOND || ms > max,
    `Task.dispatchDeadline must be between 15 seconds and ${maxText}.`,
  );
}

function sizeOf(headers: Record<string, string>): number {
  return Object.entries(headers).reduce(
    (size, [name, value]) => size + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
}

function refuseIf(condition: boolean, text: string): void {
  if (condition) throw refusal.invalid(text);
}
