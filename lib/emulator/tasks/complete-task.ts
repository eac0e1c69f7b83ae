import { completeAppEngineRequest } from './complete-app-engine-request.js';
import { completeHttpRequest } from './complete-http-request.js';
import type { QueueName } from './names.js';
import { toMillis, toProto } from './proto-time.js';
import { refusal } from './refusals.js';
import type { TaskResource } from './resources.js';
import { refuseIf } from './target-rules.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** How far ahead a task may be scheduled: https://cloud.google.com/tasks/docs/quotas */
const MAX_AHEAD_MS = 30 * DAY;

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
      httpRequest: completeHttpRequest(task.httpRequest),
      dispatchDeadline: toProto(deadline ?? DEFAULT_DEADLINE_MS),
    };
  }
  if (task.appEngineHttpRequest) {
    if (deadline) checkDeadline(deadline, DAY + 15 * SECOND, '24 hours and 15 seconds');
    const appEngineHttpRequest = completeAppEngineRequest(task.appEngineHttpRequest, queue);
    return deadline
      ? { appEngineHttpRequest, dispatchDeadline: toProto(deadline) }
      : { appEngineHttpRequest };
  }
  throw refusal.invalid('Task.httpRequest or Task.appEngineHttpRequest is required.');
}

function checkDeadline(ms: number, max: number, maxText: string): void {
  refuseIf(
    ms < 15 * SECOND || ms > max,
    `Task.dispatchDeadline must be between 15 seconds and ${maxText}.`,
  );
}
