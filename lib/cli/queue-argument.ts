import type { InitialQueue } from '../emulator/tasks/tasks-engine-options.js';
import { UsageError } from './usage-error.js';

/** What `--queue` takes: an id or a full name, and a rate after the last colon. */
const QUEUE =
  /^(?<name>(?:projects\/[\w.:-]+\/locations\/[\w-]+\/queues\/)?[A-Za-z0-9-]+)(?::(?<rate>[^:/]*))?$/;

/** Google's limit: RateLimits.max_dispatches_per_second in its queue.proto. */
const MAX_RATE = 500;

/** Reads `NAME` or `NAME:RATE`. Throws a {@link UsageError}. */
export function parseQueue(text: string): InitialQueue {
  const { name, rate } = QUEUE.exec(text)?.groups ?? {};
  if (name === undefined) {
    throw new UsageError(
      `--queue: expected an id such as 'slow' or projects/P/locations/L/queues/Q, got '${text}'.`,
    );
  }
  if (rate === undefined) return { name };
  const maxDispatchesPerSecond = Number(rate);
  if (!(maxDispatchesPerSecond > 0 && maxDispatchesPerSecond <= MAX_RATE)) {
    throw new UsageError(
      `--queue ${name}: expected a rate above 0 and up to ${MAX_RATE} a second, got '${rate}'.`,
    );
  }
  return { name, rateLimits: { maxDispatchesPerSecond } };
}
