import type { TimestampProto } from './datastore-api.js';

/**
 * What this package calls of Google's Cloud Tasks API (google.cloud.tasks.v2), in the shapes that the official
 * client sends and receives. The second seam: the official client, or the emulator's engine in the same process.
 */
export interface TasksApi {
  createTask(request: CreateTaskRequest): Promise<TaskProto>;
  getTask(request: GetTaskRequest): Promise<TaskProto>;
  getQueue(request: { name: string }): Promise<QueueProto>;
}

export interface DurationProto {
  seconds?: string | number | null;
  nanos?: number | null;
}

export type HttpMethod = 'POST' | 'GET' | 'HEAD' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS';

export interface HttpRequestProto {
  url?: string | null;
  httpMethod?: HttpMethod | null;
  headers?: Record<string, string> | null;
  body?: Uint8Array | string | null;
  oidcToken?: { serviceAccountEmail?: string | null; audience?: string | null } | null;
  oauthToken?: { serviceAccountEmail?: string | null; scope?: string | null } | null;
}

export interface AppEngineRoutingProto {
  service?: string | null;
  version?: string | null;
  instance?: string | null;
  host?: string | null;
}

export interface AppEngineHttpRequestProto {
  httpMethod?: HttpMethod | null;
  appEngineRouting?: AppEngineRoutingProto | null;
  relativeUri?: string | null;
  headers?: Record<string, string> | null;
  body?: Uint8Array | string | null;
}

export interface AttemptProto {
  scheduleTime?: TimestampProto | null;
  dispatchTime?: TimestampProto | null;
  responseTime?: TimestampProto | null;
  responseStatus?: { code?: number | null; message?: string | null } | null;
}

export interface TaskProto {
  /** `projects/P/locations/L/queues/Q/tasks/T`. */
  name?: string | null;
  httpRequest?: HttpRequestProto | null;
  appEngineHttpRequest?: AppEngineHttpRequestProto | null;
  scheduleTime?: TimestampProto | null;
  createTime?: TimestampProto | null;
  dispatchDeadline?: DurationProto | null;
  dispatchCount?: number | null;
  responseCount?: number | null;
  firstAttempt?: AttemptProto | null;
  lastAttempt?: AttemptProto | null;
}

export interface CreateTaskRequest {
  /** `projects/P/locations/L/queues/Q`. */
  parent: string;
  task: TaskProto;
}

export interface GetTaskRequest {
  name: string;
}

/** What a queue does with its tasks. */
export type QueueState = 'STATE_UNSPECIFIED' | 'RUNNING' | 'PAUSED' | 'DISABLED';

export interface QueueProto {
  readonly state?: QueueState | null;
  readonly retryConfig?: RetryConfigProto | null;
}

/** How a queue gives tasks up: https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2#retryconfig */
export interface RetryConfigProto {
  /** -1: never. */
  readonly maxAttempts?: number | null;
  /** Unset or 0: `maxAttempts` alone counts. */
  readonly maxRetryDuration?: DurationProto | null;
}
