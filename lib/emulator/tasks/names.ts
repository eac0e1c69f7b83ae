import { refusal } from './refusals.js';

const LOCATION = /^projects\/[\w.:-]+\/locations\/[\w-]+$/;
const QUEUE = /^(projects\/([\w.:-]+)\/locations\/[\w-]+)\/queues\/([A-Za-z0-9-]{1,100})$/;
const TASK = /^(projects\/[\w.:-]+\/locations\/[\w-]+\/queues\/[A-Za-z0-9-]{1,100})\/tasks\/(.*)$/s;
const TASK_ID = /^[\w-]{1,500}$/;

/** A queue's full name and its parts. */
export interface QueueName {
  readonly full: string;
  readonly location: string;
  readonly project: string;
  readonly id: string;
}

/** A task's full name and its parts. */
export interface TaskName {
  readonly full: string;
  readonly queue: string;
  readonly id: string;
}

/** Refuses what is no `projects/P/locations/L`. */
export function checkLocation(name: string): void {
  if (!LOCATION.test(name)) throw refusal.noPermission(name);
}

/** Reads `projects/P/locations/L/queues/Q`; refuses anything else. */
export function parseQueueName(name: string): QueueName {
  const [, location, project, id] = QUEUE.exec(name) ?? [];
  if (location === undefined || project === undefined || id === undefined) {
    throw refusal.invalid(
      'Queue name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>".',
    );
  }
  return { full: name, location, project, id };
}

/** Reads `projects/P/locations/L/queues/Q/tasks/T`; refuses anything else. */
export function parseTaskName(name: string): TaskName {
  const [, queue, id] = TASK.exec(name) ?? [];
  if (queue === undefined || id === undefined) {
    throw refusal.invalid(
      'Task name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>/tasks/<TASK_ID>".',
    );
  }
  if (!TASK_ID.test(id)) {
    throw refusal.invalid(
      `Task ID "${id}" can contain only letters ([A-Za-z]), numbers ([0-9]), hyphens (-), or underscores (_). ` +
        'Task ID must between 1 and 500 characters.',
    );
  }
  return { full: name, queue, id };
}

/** Refuses a task name that is malformed or belongs to another queue; answers with the name. */
export function checkTaskOfQueue(name: string, queue: string): string {
  const task = parseTaskName(name);
  if (task.queue === queue) return name;
  throw refusal.invalid(
    `The queue name from request ('${queue}') must be the same as the queue name in the named task ('${task.queue}').`,
  );
}
