import { Status } from './status.js';

/** What every generated client can do. */
interface GeneratedClient {
  /** Finds credentials and opens the channel, once; what it came to is remembered for good. */
  initialize(): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * A client that is opened with the first call. One that finds no credentials rejects where nobody listens, and would
 * never look again; here the caller is told, and the next call opens another.
 */
export class Connection<Client extends GeneratedClient> {
  private client: Client | undefined;

  constructor(private readonly open: () => Client) {}

  /** @throws an error with the status UNAUTHENTICATED when there are no credentials */
  async ready(): Promise<Client> {
    const client = (this.client ??= this.open());
    try {
      await client.initialize();
      return client;
    } catch (cause) {
      this.client = undefined;
      throw new NoCredentialsError(cause);
    }
  }

  async close(): Promise<void> {
    await this.client?.close();
  }
}

class NoCredentialsError extends Error {
  readonly code = Status.UNAUTHENTICATED;

  constructor(cause: unknown) {
    super(
      'There are no credentials for Google Cloud. Give the instance a service account; on your own machine ' +
        'run "gcloud auth application-default login", or set DATASTORE_EMULATOR_HOST and CLOUD_TASKS_EMULATOR_HOST.',
      { cause },
    );
  }
}
