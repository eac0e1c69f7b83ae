import type { TaskProto, TasksApi } from '../google/tasks-api.js';
import type { Holder } from '../lock/lock.js';
import type { Finding, Probe } from './probe.js';
import { provesEnd } from './proof.js';

/**
 * Asks Cloud Tasks about the holder's task. That is gone as soon as it is over, whatever became of it, so a task that
 * is not found says nothing.
 */
export function taskProbe(
  api: Pick<TasksApi, 'getTask'>,
  { projectId, location }: { readonly projectId: string; readonly location: string },
): Probe {
  return {
    name: 'task',
    ask: async ({ lock: { holder } }) => {
      if (!holder?.task || !holder.queue) return 'unknown';
      const queue = `projects/${projectId}/locations/${location}/queues/${holder.queue}`;
      return finding(await api.getTask({ name: `${queue}/tasks/${holder.task}` }), holder);
    },
  };
}

/** Only of its last attempt a task tells when and how it ended. */
function finding({ dispatchCount, lastAttempt }: TaskProto, holder: Holder): Finding {
  if (!lastAttempt || Number(dispatchCount) - 1 !== holder.retryCount) return 'unknown';
  if (!lastAttempt.responseTime) return 'running';
  // "ABORTED(10): HTTP status code 409", as the real service writes it.
  const [, status] =
    /HTTP status code (\d{3})/.exec(lastAttempt.responseStatus?.message ?? '') ?? [];
  return status !== undefined && provesEnd(Number(status), holder) ? 'ended' : 'unknown';
}
