import { freePort } from './free-port.js';
import { emulatorInProcess, type LocalEmulator } from './local-emulator.js';

/** Where a sample runs: on this machine, or on Google Cloud. */
export interface Surroundings {
  readonly host: string;
  readonly port: number;
  readonly isCloud: boolean;
  readonly datastore: string;
  readonly cloudTasks: string;
  /** Ends what was started here. */
  readonly stop: () => Promise<void>;
}

/** What a sample wants where nothing is said. */
export interface Wishes {
  /** The project on an emulator. */
  readonly project: string;
  /** Where to serve. Default: anywhere. */
  readonly port?: number;
  /** Further variables on this machine. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Starts an emulator. Default: in this process. */
  readonly emulator?: (appUrl: string) => Promise<LocalEmulator>;
}

/**
 * Fills in what `environment` leaves open. With a Google Cloud project and no emulator named, that is nearly nothing.
 * Otherwise an emulator that is not named is started.
 */
export async function findSurroundings(
  environment: NodeJS.ProcessEnv,
  wishes: Wishes,
): Promise<Surroundings> {
  environment['LOCKER_VERBOSE'] ??= 'true';
  return isCloud(environment) ? onCloud(environment) : onThisMachine(environment, wishes);
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
    isCloud: true,
    datastore: where,
    cloudTasks: where,
    stop: () => Promise.resolve(),
  };
}

async function onThisMachine(
  environment: NodeJS.ProcessEnv,
  { project, port: wished, variables, emulator: start = emulatorInProcess }: Wishes,
): Promise<Surroundings> {
  const { PORT, DATASTORE_EMULATOR_HOST, CLOUD_TASKS_EMULATOR_HOST } = environment;
  const port = Number(PORT ?? wished ?? (await freePort()));
  const url = `http://127.0.0.1:${port}`;
  const isComplete = DATASTORE_EMULATOR_HOST && CLOUD_TASKS_EMULATOR_HOST;
  const emulator = isComplete ? undefined : await start(url);
  Object.assign(environment, {
    GOOGLE_CLOUD_PROJECT: project,
    LOCKER_BASE_URL: url,
    LOCKER_LOCATION: 'europe-west1',
    LOCKER_GUARD: 'none',
    // Keeps Google's clients from looking for the metadata server of Google Cloud.
    METADATA_SERVER_DETECTION: 'none',
    ...variables,
    ...emulator?.env,
    ...environment,
  });
  const described = (given: string | undefined, started: string | undefined) =>
    given ? `emulator at ${given}` : `emulator ${emulator?.where}, ${started}`;
  return {
    host: '127.0.0.1',
    port,
    isCloud: false,
    datastore: described(DATASTORE_EMULATOR_HOST, emulator?.env['DATASTORE_EMULATOR_HOST']),
    cloudTasks: described(CLOUD_TASKS_EMULATOR_HOST, emulator?.env['CLOUD_TASKS_EMULATOR_HOST']),
    stop: async () => {
      await emulator?.stop();
    },
  };
}
