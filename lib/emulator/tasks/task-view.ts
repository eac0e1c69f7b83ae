import type { TaskResource, TaskViewName } from './resources.js';

/** A task as an answer shows it: with its body only in the FULL view. */
export function viewOf(task: TaskResource, view: TaskViewName | undefined): TaskResource {
  if (view === 'FULL') return { ...task, view };
  const body = Buffer.alloc(0);
  const { httpRequest, appEngineHttpRequest } = task;
  return {
    ...task,
    view: 'BASIC',
    ...(httpRequest && { httpRequest: { ...httpRequest, body } }),
    ...(appEngineHttpRequest && { appEngineHttpRequest: { ...appEngineHttpRequest, body } }),
  };
}
