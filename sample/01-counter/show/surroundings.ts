import { createServer } from 'node:net';
import { startEmulator, type Emulator } from 'nestjs-datastore-locker/emulator';

/** Where the sample runs: on this machine, or on Google Cloud. */
export interface Surroundings {
  readonly host: string;
  readonly port: number;
  readonly datastore: string;
  readonly cloudTasks: string;
  /** Ends what was started here. */
  readonly stop: () => Promise<void>;
}

/**
 * Fills in what `environment` leaves open. With a Google Cloud project and no emulator named, that is nearly nothing.
 * Otherwise an emulator that is not named is started in this process.
 *
 * @param port where to serve unless PORT says so; undefined: anywhere
 */
export async function findSurroundings(
  environment: NodeJS.ProcessEnv,
  port?: number,
): Promise<Surroundings> {
  environment['LOCKER_VERBOSE'] ??= 'true';
  return isCloud(environment) ? onCloud(environment) : onThisMachine(environment, port);
}

function isCloud(environment: NodeJS.ProcessEnv): boolean {
  const { DATASTORE_EMULATOR_HOST, CLOUD_TASKS_EMULATOR_HOST } = environment;
  const { GOOGLE_CLOUD_PROJECT, LOCKER_PROJECT_ID, K_SERVICE } = environment;
  if (DATASTORE_EMULATOR_HOST || CLOUD_TASKS_EMULATOR_HOST) return false;
  return Boolean(GOOGLE_CLOUD_PROJECT || LOCKER_PROJECT_ID || K_SERVICE);
}

function onCloud({
  PORT,
  GOOGLE_CLOUD_PROJECT,
  LOCKER_PROJECT_ID,
}: NodeJS.ProcessEnv): Surroundings {
  const where = `Google Cloud, project ${LOCKER_PROJECT_ID ?? GOOGLE_CLOUD_PROJECT ?? 'of the service'}`;
  return {
    host: '0.0.0.0',
    port: Number(PORT ?? 8080),
    datastore: where,
    cloudTasks: where,
    stop: () => Promise.resolve(),
  };
}

async function onThisMachine(
  environment: NodeJS.ProcessEnv,
  byDefault: number | undefined,
): Promise<Surroundings> {
  const { PORT, DATASTORE_EMULATOR_HOST, CLOUD_TASKS_EMULATOR_HOST } = environment;
  const port = Number(PORT ?? byDefault ?? (await freePort()));
  const isComplete = DATASTORE_EMULATOR_HOST && CLOUD_TASKS_EMULATOR_HOST;
  const emulator = isComplete ? undefined : await startEmulator();
  Object.assign(environment, {
    GOOGLE_CLOUD_PROJECT: 'counter-sample',
    LOCKER_BASE_URL: `http://127.0.0.1:${port}`,
    LOCKER_LOCATION: 'europe-west1',
    LOCKER_GUARD: 'none',
    // Keeps Google's clients from looking for the metadata server of Google Cloud.
    METADATA_SERVER_DETECTION: 'none',
    ...emulator?.env,
    ...environment,
  });
  return {
    host: '127.0.0.1',
    port,
    datastore: described(DATASTORE_EMULATOR_HOST, emulator?.datastoreHost),
    cloudTasks: described(CLOUD_TASKS_EMULATOR_HOST, emulator?.tasksHost),
    stop: () => stop(emulator),
  };
}

function described(given: string | undefined, started: string | undefined): string {
  return given ? `emulator at ${given}` : `emulator in this process, ${started}`;
}

async function stop(emulator: Emulator | undefined): Promise<void> {
  await emulator?.stop();
}

/** A port that nobody uses. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 3_000;
}
