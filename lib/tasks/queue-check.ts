import { Status, statusOf } from '../google/status.js';
import type { RetryConfigProto } from '../google/tasks-api.js';
import type { Clock } from '../system/clock.js';
import type { Log } from '../system/log.js';
import { withinTime } from '../system/time-limit.js';

/** What is asked of Cloud Tasks at start-up. */
export interface QueueApi {
  getQueue(request: { name: string }): Promise<{ retryConfig?: RetryConfigProto | null }>;
}

/** Which queue is looked at, and what it has to outlast. */
export interface QueueCheckSettings {
  readonly projectId: string;
  readonly location: string;
  readonly defaultQueue: string;
  readonly terms: { readonly maxRetries: number };
}

/** How long a start-up may wait for this, milliseconds. */
const limit = 2_000;

/** Warns at start-up of a queue that gives tasks up too early. Where that cannot be asked, nothing is said. */
export class QueueCheck {
  constructor(
    private readonly api: QueueApi,
    private readonly settings: QueueCheckSettings,
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  /** Never throws. Needs `cloudtasks.queues.get`. */
  async run(): Promise<void> {
    const { projectId, location, defaultQueue, terms } = this.settings;
    const name = `projects/${projectId}/locations/${location}/queues/${defaultQueue}`;
    try {
      const { retryConfig } = await withinTime(this.clock, limit, this.api.getQueue({ name }));
      const warning = warningOf(defaultQueue, retryConfig ?? {}, terms.maxRetries);
      if (warning) this.log.warn(warning, { queue: name, ...retryConfig });
    } catch (error) {
      if (statusOf(error) === Status.NOT_FOUND)
        this.log.debug(
          `There is no queue "${defaultQueue}" in ${location} yet. An emulator creates it with its first task; on Google Cloud: gcloud tasks queues create ${defaultQueue} --location=${location}`,
          { queue: name },
        );
      else
        this.log.debug('The queue could not be looked at; that needs cloudtasks.queues.get', {
          error,
        });
    }
  }
}

/** What is wrong with a queue's retries, and what to do; undefined: nothing. */
export function warningOf(
  queue: string,
  { maxAttempts, maxRetryDuration }: RetryConfigProto,
  maxRetries: number,
): string | undefined {
  const attempts = maxAttempts ?? 0;
  const hasDuration = Number(maxRetryDuration?.seconds ?? 0) > 0;
  if (attempts <= 0 || attempts > maxRetries || hasDuration) return undefined;
  return `Queue "${queue}" gives a task up after ${attempts} attempts, fewer than the ${maxRetries + 1} of option maxRetries, and each answer "busy" is one: then only the sweep goes on. Run "gcloud tasks queues update ${queue} --max-attempts=1000".`;
}
