import { dispatchHeaders } from './dispatch-headers.js';
import { parseTaskName } from './names.js';
import type { IdTokens } from './oidc-issuer.js';
import { toMillis } from './proto-time.js';
import type { Target } from './target-request.js';
import type { StoredTask } from './task-store.js';

/** All headers of an attempt that has begun: the task's, and what the service tells about it. */
export function attemptHeaders(stored: StoredTask, target: Target): Record<string, string> {
  const { queue, id } = parseTaskName(stored.name);
  return {
    ...target.headers,
    ...dispatchHeaders({
      kind: target.kind,
      queueId: queue.slice(queue.lastIndexOf('/') + 1),
      taskId: id,
      retryCount: retryCountOf(stored),
      executionCount: stored.executions,
      etaMs: toMillis(stored.task.scheduleTime ?? {}),
      previousResponse: stored.previousResponse,
    }),
  };
}

/** Attempts before the one that has begun, which is already counted. */
export function retryCountOf({ task }: StoredTask): number {
  return (task.dispatchCount ?? 1) - 1;
}

/** The headers with a token, in place of any Authorization the task brought. */
export async function authorized(
  headers: Readonly<Record<string, string>>,
  { email, audience }: NonNullable<Target['identity']>,
  idTokens: IdTokens,
): Promise<Record<string, string>> {
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization');
  const token = await idTokens.issue(email, audience);
  return { ...Object.fromEntries(others), Authorization: `Bearer ${token}` };
}
