import { completeQueue } from './queue-config.js';
import type { QueueStore } from './queue-store.js';
import type { QueueResource } from './resources.js';
import type { InitialQueue } from './tasks-engine-options.js';

/** Adds the queues that are given by their full name, unless they are there; answers with the others, by id. */
export function addInitialQueues(
  queues: QueueStore,
  initial: readonly InitialQueue[],
): Map<string, QueueResource> {
  const templates = new Map<string, QueueResource>();
  for (const queue of initial) {
    const complete = completeQueue(queue, true);
    if (!queue.name.includes('/')) templates.set(queue.name, complete);
    else if (!queues.get(queue.name)) queues.put(queue.name, { ...complete, state: 'RUNNING' });
  }
  return templates;
}
