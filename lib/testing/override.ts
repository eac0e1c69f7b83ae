import { Datastore } from '@google-cloud/datastore';
import type { TestingModuleBuilder } from '@nestjs/testing';
import type { Alert } from '../alert/alert.js';
import type { Emulator } from '../emulator/emulator.js';
import { connect, type Clients } from '../google/clients.js';
import { lockerConfig, optionsFromEnvironment } from '../locker.config.js';
import { LOCKER_OPTIONS } from '../locker.module-definition.js';
import type { LockerModuleOptions } from '../locker.options.js';
import { ALERTER, CLIENTS, CLOCK, SETTINGS } from '../locker.providers.js';
import { settingsFrom } from '../settings/settings.js';
import type { Clock } from '../system/clock.js';

/** What an application is given in a test, instead of Google's services and the machine's time. */
export interface TestSurroundings {
  readonly emulator: Emulator;
  readonly clock: Clock;
  readonly baseUrl: string;
  /** What replaces the application's own options. */
  readonly options: Partial<LockerModuleOptions>;
  readonly alerted: (alert: Alert) => void;
}

/** What `LOCKER_…` variables must say, where a test's environment does not. */
const leastEnvironment = {
  LOCKER_BASE_URL: 'http://127.0.0.1',
  LOCKER_GUARD: 'none',
  LOCKER_LOCATION: 'europe-west1',
};

/** Puts an application's `LockerModule` into a test's surroundings; its options stay its own but for where things are. */
export function override(
  builder: TestingModuleBuilder,
  { emulator, clock, baseUrl, options, alerted }: TestSurroundings,
): TestingModuleBuilder {
  const optionsInTest = (own: LockerModuleOptions): LockerModuleOptions => ({
    ...own,
    projectId: own.projectId ?? 'locker-testing',
    guard: 'none',
    callers: undefined,
    audiences: undefined,
    issuer: undefined,
    // Draining looks at what is due when it is due, instead of every minute.
    sweep: false,
    ...options,
    target: { baseUrl },
  });
  return builder
    .overrideProvider(lockerConfig.KEY)
    .useFactory({ factory: () => optionsFromEnvironment({ ...leastEnvironment, ...process.env }) })
    .overrideProvider(CLOCK)
    .useValue(clock)
    .overrideProvider(CLIENTS)
    .useFactory({
      inject: [LOCKER_OPTIONS],
      factory: (own: LockerModuleOptions) => connectTo(emulator, optionsInTest(own)),
    })
    .overrideProvider(SETTINGS)
    .useFactory({
      inject: [LOCKER_OPTIONS, CLIENTS],
      factory: (own: LockerModuleOptions, { projectId }: Clients) =>
        settingsFrom(optionsInTest(own), projectId),
    })
    .overrideProvider(ALERTER)
    .useFactory({
      inject: [LOCKER_OPTIONS],
      factory: ({ alerter }: LockerModuleOptions) => ({
        send: async (alert: Alert) => {
          alerted(alert);
          await (options.alerter ?? alerter)?.send(alert);
        },
      }),
    });
}

function connectTo(
  emulator: Emulator,
  { projectId = '', databaseId, probes }: LockerModuleOptions,
): Promise<Clients> {
  const datastore = new Datastore({
    projectId,
    ...(databaseId && { databaseId }),
    apiEndpoint: emulator.datastoreHost,
  });
  return connect(
    { projectId, databaseId, datastore, probes },
    { CLOUD_TASKS_EMULATOR_HOST: emulator.tasksHost },
  );
}
