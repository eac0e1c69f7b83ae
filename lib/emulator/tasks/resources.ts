import type { TimestampProto } from '../../google/datastore-api.js';
import type { AppEngineRoutingProto, DurationProto, TaskProto } from '../../google/tasks-api.js';

/** How much of a task an answer shows: BASIC (the default) leaves out its body. */
export type TaskViewName = 'VIEW_UNSPECIFIED' | 'BASIC' | 'FULL';

/** google.cloud.tasks.v2.Task with the fields that only an emulator has to fill in. */
export interface TaskResource extends TaskProto {
  messageType?: 'httpRequest' | 'appEngineHttpRequest';
  view?: TaskViewName;
}

/** google.cloud.tasks.v2.RateLimits. */
export interface RateLimitsProto {
  maxDispatchesPerSecond?: number | null;
  maxBurstSize?: number | null;
  maxConcurrentDispatches?: number | null;
}

/** google.cloud.tasks.v2.RetryConfig. */
export interface RetryConfigProto {
  maxAttempts?: number | null;
  maxRetryDuration?: DurationProto | null;
  minBackoff?: DurationProto | null;
  maxBackoff?: DurationProto | null;
  maxDoublings?: number | null;
}

/** google.cloud.tasks.v2.Queue. */
export interface QueueResource {
  /** `projects/P/locations/L/queues/Q`. */
  name?: string | null;
  appEngineRoutingOverride?: AppEngineRoutingProto | null;
  rateLimits?: RateLimitsProto | null;
  retryConfig?: RetryConfigProto | null;
  state?: 'STATE_UNSPECIFIED' | 'RUNNING' | 'PAUSED' | 'DISABLED' | null;
  purgeTime?: TimestampProto | null;
  stackdriverLoggingConfig?: { samplingRatio?: number | null } | null;
}

/** google.iam.v1.Policy: kept, never enforced. */
export interface PolicyProto {
  version?: number | null;
  bindings?: { role?: string | null; members?: string[] | null }[] | null;
  etag?: Uint8Array | string | null;
}
