import { refusal } from './refusals.js';
import type { QueueResource } from './resources.js';

/** What UpdateQueue can change; everything else of a queue is its name or output only. */
const CHANGEABLE = [
  'appEngineRoutingOverride',
  'rateLimits',
  'retryConfig',
  'stackdriverLoggingConfig',
] as const;

const OUTPUT_ONLY = ['name', 'state', 'purgeTime'];

/**
 * Lays an update over a queue.
 *
 * @param paths Of a FieldMask, such as `rate_limits.max_dispatches_per_second`, also in camel case; none: everything.
 */
export function updatedQueue(
  queue: QueueResource,
  update: QueueResource,
  paths: readonly string[],
): QueueResource {
  const effective = paths.length > 0 ? paths.map(camelCase) : CHANGEABLE;
  return effective.reduce<QueueResource>((result, path) => withPath(result, update, path), queue);
}

function withPath(queue: QueueResource, update: QueueResource, path: string): QueueResource {
  const [top = '', leaf, ...deeper] = path.split('.');
  if (OUTPUT_ONLY.includes(top)) return queue;
  const field = CHANGEABLE.find((name) => name === top);
  if (!field || deeper.length > 0)
    throw refusal.invalid(`The update mask names no field: ${path}.`);
  if (leaf === undefined) return { ...queue, [field]: update[field] ?? null };
  const value: unknown = Object.entries(update[field] ?? {}).find(([name]) => name === leaf)?.[1];
  return { ...queue, [field]: { ...queue[field], [leaf]: value ?? null } };
}

function camelCase(path: string): string {
  return path.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
