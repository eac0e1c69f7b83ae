import type { Logging, LoggingOptions } from '@google-cloud/logging';
import { OptionError } from '../locker.errors.js';
import type { LogEntry, LoggingApi, LogQuery } from './logging-api.js';

/** One call: no retries, which would count against the quota, and an end to waiting, milliseconds. */
const call = { retry: null, timeout: 3_000 };

/** Google's Cloud Logging, through the official client. */
export class LoggingClient implements LoggingApi {
  constructor(private readonly client: Logging) {}

  async newest({ projectId, filter }: LogQuery): Promise<LogEntry | undefined> {
    const [entries] = await this.client.getEntries({
      resourceNames: [`projects/${projectId}`],
      filter,
      orderBy: 'timestamp desc',
      pageSize: 1,
      autoPaginate: false,
      gaxOptions: call,
    });
    const [entry] = entries;
    return entry && { status: entry.metadata.httpRequest?.status ?? undefined };
  }

  async close(): Promise<void> {
    // oxlint-disable-next-line typescript/no-unsafe-assignment -- the generated client inside, which has no type here
    const { loggingService }: { loggingService?: { close(): Promise<void> } } = this.client;
    await loggingService?.close();
  }
}

/**
 * The official client, which applications install only if they want it.
 *
 * @throws OptionError if it is not installed
 */
export async function openLogging(
  options: LoggingOptions,
  load: () => Promise<{ Logging: typeof Logging }> = () => import('@google-cloud/logging'),
): Promise<LoggingClient> {
  try {
    const { Logging } = await load();
    return new LoggingClient(new Logging(options));
  } catch (cause) {
    throw new OptionError(
      `LockerModule: option "probes" has 'logging', but @google-cloud/logging cannot be loaded. Run "npm install @google-cloud/logging", or leave 'logging' out.`,
      { cause },
    );
  }
}
