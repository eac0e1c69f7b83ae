import type { Key } from '@google-cloud/datastore';
import type { INestApplication, Type } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { TestingModule, TestingModuleBuilder } from '@nestjs/testing';
import type { Alert } from '../alert/alert.js';
import type { Emulator } from '../emulator/emulator.js';
import { startEmulator } from '../emulator/start-emulator.js';
import { DeclarationError } from '../locker.errors.js';
import type { LockerModuleOptions } from '../locker.options.js';
import { SETTINGS } from '../locker.providers.js';
import { LockerService } from '../locker.service.js';
import type { Settings } from '../settings/settings.js';
import { ChainExpectation } from './chain-expectation.js';
import { DueLocks } from './due-locks.js';
import { loopbackPort } from './loopback-port.js';
import { override } from './override.js';
import { TestClock } from './test-clock.js';
import { TestTasks } from './test-tasks.js';

/** How an application is started for a test. */
export interface LockerTestingOptions {
  /** Such as `new FastifyAdapter()`. Default: Nest's, which is Express. */
  readonly adapter?: AbstractHttpAdapter;
  /** What else `main.ts` does to the application before it listens: pipes, prefixes, versions. Default: nothing. */
  readonly configure?: (app: INestApplication) => void | Promise<void>;
  /** What replaces the options of the application's `LockerModule`. Default: nothing but where things are, the guard, and `sweep`: draining sweeps. */
  readonly options?: Partial<LockerModuleOptions>;
  /** What time it is when the test begins. Default: the machine's. */
  readonly startAt?: Date;
}

/**
 * An application under test: listening on a port of this machine, on an emulator of Datastore and Cloud Tasks in this process,
 * with a clock to move. Its tasks run when the test says so.
 *
 * @example
 * ```ts
 * const testing = await LockerTesting.start(Test.createTestingModule({ imports: [AppModule] }));
 * await testing.locker.schedule(key, new Order(), 'order.charge');
 * await testing.tasks.drain();
 * await testing.expectChain(key).toBeCompleted();
 * ```
 */
export class LockerTesting {
  /** The application. */
  readonly app: INestApplication;
  /** Where it listens: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Its `LockerService`. */
  readonly locker: LockerService;
  /** The tasks in its queues. */
  readonly tasks: TestTasks;
  /** What time it is for its locks, for Datastore and for the queues. `Date.now()` stays the machine's. */
  readonly clock: TestClock;
  /** The alerts there have been, oldest first. They go where the application sends them, too. */
  readonly alerts: readonly Alert[];
  /** Datastore and Cloud Tasks, with their switches for trouble. */
  readonly emulator: Emulator;

  /**
   * Starts what a builder builds. The application's own `LockerModule` keeps its options, but its clients, its target and its
   * guard are the test's; `lockerConfig` needs no variables. Providers are overridden on the builder, as in any test.
   *
   * @param builder what `Test.createTestingModule()` returns; a function of the emulator that returns it, where a provider depends
   * on that, such as a Datastore client of the application's own
   * @throws DeclarationError when nothing imports a `LockerModule`; what keeps the application from starting
   */
  static async start(
    builder: TestingModuleBuilder | ((emulator: Emulator) => TestingModuleBuilder),
    options: LockerTestingOptions = {},
  ): Promise<LockerTesting> {
    const clock = new TestClock(options.startAt);
    const emulator = await startEmulator({ clock: clock.clock });
    try {
      emulator.faults.hold();
      const built = typeof builder === 'function' ? builder(emulator) : builder;
      return await LockerTesting.startOn(emulator, clock, built, options);
    } catch (error) {
      await emulator.stop();
      throw error;
    }
  }

  private static async startOn(
    emulator: Emulator,
    clock: TestClock,
    builder: TestingModuleBuilder,
    { adapter, configure, options = {} }: LockerTestingOptions,
  ): Promise<LockerTesting> {
    const port = await loopbackPort();
    const url = `http://127.0.0.1:${port}`;
    const alerts: Alert[] = [];
    const alerted = (alert: Alert): void => void alerts.push(alert);
    const module = await override(builder, {
      emulator,
      clock: clock.clock,
      baseUrl: url,
      options,
      alerted,
    }).compile();
    const settings = settingsOf(module);
    await createQueues(emulator, settings);
    const app = adapter ? module.createNestApplication(adapter) : module.createNestApplication();
    await configure?.(app);
    await app.listen(port, '127.0.0.1');
    return new LockerTesting({ app, url, settings, clock, alerts, emulator });
  }

  private constructor(
    private readonly parts: {
      app: INestApplication;
      url: string;
      settings: Settings;
      clock: TestClock;
      alerts: Alert[];
      emulator: Emulator;
    },
  ) {
    const { app, url, settings, clock, alerts, emulator } = parts;
    this.app = app;
    this.url = url;
    this.locker = app.get(LockerService, { strict: false });
    const locks = new DueLocks(emulator, settings, () => this.locker.kinds);
    const sweep = () => this.locker.recover();
    this.tasks = new TestTasks(emulator, clock.clock, locationOf(settings), locks, sweep);
    this.clock = clock;
    this.alerts = alerts;
    this.emulator = emulator;
  }

  /** Any provider of the application. */
  get<T>(type: Type<T>): T {
    return this.app.get(type, { strict: false });
  }

  /** What is expected of a chain. */
  expectChain(key: Key): ChainExpectation {
    return new ChainExpectation(key, (asked) => this.locker.inspect(asked));
  }

  /** For the next test on the same application: nothing stored, no tasks, no faults, no alerts. The time stays. */
  async reset(): Promise<void> {
    await this.emulator.tasks.idle();
    this.emulator.reset();
    this.emulator.faults.hold();
    this.parts.alerts.length = 0;
    await createQueues(this.emulator, this.parts.settings);
  }

  /** Closes the application, then what was started for it. */
  async close(): Promise<void> {
    this.emulator.faults.hold();
    await this.app.close();
    await this.emulator.stop();
  }
}

function settingsOf(module: TestingModule): Settings {
  try {
    return module.get<Settings>(SETTINGS, { strict: false });
  } catch (cause) {
    throw new DeclarationError(
      'LockerTesting.start(): nothing in the module imports LockerModule. Import the module of your application that does, or LockerTestingModule.forRoot().',
      { cause },
    );
  }
}

function locationOf({ projectId, location }: Settings): string {
  return `projects/${projectId}/locations/${location}`;
}

/** The queues that the options name, as README.md has them made; others are made by their first task. */
async function createQueues(emulator: Emulator, settings: Settings): Promise<void> {
  const parent = locationOf(settings);
  const names = new Set([settings.defaultQueue, settings.sweep?.queue ?? settings.defaultQueue]);
  const retryConfig = {
    maxAttempts: 1_000,
    minBackoff: { seconds: 1 },
    maxBackoff: { seconds: 60 },
  };
  for (const name of names)
    await emulator.tasks.createQueue({
      parent,
      queue: { name: `${parent}/queues/${name}`, retryConfig },
    });
}
