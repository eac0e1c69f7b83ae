import type { CreateTaskRequest, GetTaskRequest } from '../../google/tasks-api.js';
import type { PolicyProto, QueueResource, TaskResource, TaskViewName } from './resources.js';

/** Of the methods that only need to know which queue or task: GetQueue, DeleteQueue, PurgeQueue, PauseQueue, ResumeQueue, DeleteTask. */
export interface NameRequest {
  name: string;
}

/** Of GetTask and RunTask. */
export interface ViewedTaskRequest extends GetTaskRequest {
  responseView?: TaskViewName;
}

/** Of CreateTask. */
export interface CreateViewedTaskRequest extends CreateTaskRequest {
  responseView?: TaskViewName;
}

/** Of ListTasks; pages of up to 1000. */
export interface ListTasksRequest {
  /** A queue. */
  parent: string;
  responseView?: TaskViewName;
  pageSize?: number;
  pageToken?: string;
}

/** Of ListTasks; an empty token on the last page. */
export interface ListTasksResponse {
  tasks: TaskResource[];
  nextPageToken: string;
}

/** Of CreateQueue. */
export interface CreateQueueRequest {
  /** `projects/P/locations/L`. */
  parent: string;
  queue: QueueResource;
}

/** Of UpdateQueue. */
export interface UpdateQueueRequest {
  queue: QueueResource;
  /** Empty: every field that can be changed. */
  updateMask?: { paths?: string[] | null } | null;
}

/** Of ListQueues; pages of up to 9800. */
export interface ListQueuesRequest {
  /** `projects/P/locations/L`. */
  parent: string;
  filter?: string;
  pageSize?: number;
  pageToken?: string;
}

/** Of ListQueues; an empty token on the last page. */
export interface ListQueuesResponse {
  queues: QueueResource[];
  nextPageToken: string;
}

/** Of GetIamPolicy. */
export interface PolicyRequest {
  /** A queue. */
  resource: string;
}

/** Of SetIamPolicy. */
export interface SetPolicyRequest extends PolicyRequest {
  policy?: PolicyProto | null;
}

/** Of TestIamPermissions. */
export interface TestPermissionsRequest extends PolicyRequest {
  permissions?: string[] | null;
}
