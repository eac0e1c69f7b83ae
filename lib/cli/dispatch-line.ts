import type { DispatchEvent } from '../emulator/tasks/dispatch-hooks.js';

/** One line about an attempt: when, which task of which queue, which attempt, how it ended and how fast. */
export function dispatchLine(event: DispatchEvent, now: number): string {
  const time = new Date(now).toISOString().slice(11, 23);
  const [, queue = '', task = ''] = /\/queues\/([^/]+)\/tasks\/(.+)$/.exec(event.task) ?? [];
  const outcome = event.status ?? 'no answer';
  return `${time} ${queue} ${task} attempt ${event.retryCount + 1}: ${outcome} in ${event.ms} ms, ${event.url}`;
}
