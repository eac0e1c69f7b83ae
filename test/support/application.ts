import { Datastore, type Key } from '@google-cloud/datastore';
import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  LockerModule,
  LockerService,
  type Alert,
  type HttpTarget,
  type Lock,
  type LockerModuleOptions,
} from 'nestjs-datastore-locker';
import {
  ShiftingClock,
  type Emulator,
  type EmulatorOptions,
} from 'nestjs-datastore-locker/emulator';
import { keyToProto } from '../../lib/datastore/keys.js';
import { CLOCK } from '../../lib/locker.providers.js';
import type { EntityProto } from '../../lib/google/datastore-api.js';
import { createTasksClient } from '../../lib/google/tasks-client.js';
import { headersOf, post, type Delivery, type Response } from './delivery.js';
import { loopbackPort } from '../../lib/testing/loopback-port.js';
import { beginsOnRead } from './google-datastore.js';
import { Job, JobTasks, Script, type Part } from './jobs.js';
import { MemoryLogger } from './memory-logger.js';
import { StallableClock } from './stallable-clock.js';
import { startTestEmulator } from './start-emulator.js';
import { Wire } from './wire.js';

export const adapters = ['express', 'fastify'] as const;
export type Adapter = (typeof adapters)[number];

export const projectId = 'test-project';
export const location = 'europe-west1';

export interface ApplicationOptions extends ModuleMetadata {
  readonly adapter?: Adapter;
  readonly options?: Partial<LockerModuleOptions>;
  /** The identity of its tasks, without which nobody is let in. Default: none, and anybody is. */
  readonly oidc?: NonNullable<HttpTarget['oidc']>;
  readonly emulator?: EmulatorOptions;
  /** Another application, whose emulator this one shares: a second instance. */
  readonly beside?: Application;
  /** How the module is imported. */
  readonly async?: boolean;
  readonly configure?: (app: INestApplication) => void;
}

/** A real application on a real emulator, with the official clients between them. */
export class Application {
  /** One whose handlers do what a test says; see `Script`. */
  static async ofJobs(options: ApplicationOptions = {}): Promise<Application> {
    const { controllers = [JobTasks], providers = [] } = options;
    const application = await Application.start({
      ...options,
      controllers,
      providers: [...providers, Script],
    });
    application.script.now = () => application.clock.now();
    return application;
  }

  static async start(options: ApplicationOptions): Promise<Application> {
    const { beside } = options;
    const clock = beside?.clock ?? new ShiftingClock();
    const emulator = beside?.emulator ?? (await startTestEmulator({ clock, ...options.emulator }));
    try {
      return await Application.startOn(emulator, clock, options);
    } catch (error) {
      if (!beside) await emulator.stop();
      throw error;
    }
  }

  private static async startOn(
    emulator: Emulator,
    clock: ShiftingClock,
    options: ApplicationOptions,
  ): Promise<Application> {
    const { beside } = options;
    const port = await loopbackPort();
    const baseUrl = `http://127.0.0.1:${port}`;
    const alerts: Alert[] = [];
    const datastore = new Datastore({ projectId, apiEndpoint: emulator.datastoreHost });
    const lockerOptions: LockerModuleOptions = {
      ...(options.oidc
        ? { target: { baseUrl, oidc: options.oidc }, issuer: emulator.controlUrl }
        : { target: { baseUrl }, guard: 'none' }),
      location,
      projectId,
      datastore,
      tasks: createTasksClient(projectId, emulator.tasksHost),
      alerter: {
        send: (alert) => {
          alerts.push(alert);
          return Promise.resolve();
        },
      },
      // Tests of the sweep ask for it; the others are to heal without.
      sweep: false,
      verbose: true,
      beginOnRead: beginsOnRead(),
      ...options.options,
    };
    // Nest has one logger in a process, the last application's.
    const logger = beside?.logger ?? new MemoryLogger();
    const own = new StallableClock(clock);
    const { imports = [], controllers = [], providers = [] } = options;
    const module = await Test.createTestingModule({
      imports: [
        options.async
          ? LockerModule.forRootAsync({ useFactory: () => lockerOptions })
          : LockerModule.forRoot(lockerOptions),
        ...imports,
      ],
      controllers,
      providers,
    })
      .overrideProvider(CLOCK)
      .useValue(own)
      .setLogger(logger)
      .compile();
    const app = module.createNestApplication(
      options.adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    );
    app.useLogger(logger);
    options.configure?.(app);
    await app.listen(port, '127.0.0.1');
    const parts = { app, emulator, clock, own, datastore, baseUrl, alerts, logger };
    return new Application({ ...parts, options: lockerOptions, ownsEmulator: !beside });
  }

  readonly nest: INestApplication;
  readonly emulator: Emulator;
  /** Everybody's time. */
  readonly clock: ShiftingClock;
  /** This instance's own. */
  readonly own: StallableClock;
  readonly datastore: Datastore;
  readonly baseUrl: string;
  readonly alerts: Alert[];
  readonly logger: MemoryLogger;
  readonly locker: LockerService;
  private names = 0;

  private constructor(
    private readonly parts: {
      app: INestApplication;
      emulator: Emulator;
      clock: ShiftingClock;
      own: StallableClock;
      datastore: Datastore;
      baseUrl: string;
      alerts: Alert[];
      logger: MemoryLogger;
      options: LockerModuleOptions;
      ownsEmulator: boolean;
    },
  ) {
    this.nest = parts.app;
    this.emulator = parts.emulator;
    this.clock = parts.clock;
    this.own = parts.own;
    this.datastore = parts.datastore;
    this.baseUrl = parts.baseUrl;
    this.alerts = parts.alerts;
    this.logger = parts.logger;
    this.locker = this.nest.get(LockerService);
  }

  get<T>(type: Type<T>): T {
    return this.nest.get(type);
  }

  get script(): Script {
    return this.nest.get(Script);
  }

  /** A key that no other test uses, and what its handlers do. */
  job(part?: Part) {
    const key = this.locker.key(Job, `job-${++this.names}`);
    if (part) this.script.set(key, part);
    return key;
  }

  /** A job whose first step is due, while no queue dispatches anything: the test delivers by hand. */
  async startHeld(part?: Part, task = 'one') {
    this.emulator.faults.hold();
    const key = this.job(part);
    const { run } = await this.locker.schedule(key, new Job(), task);
    return { key, run };
  }

  /** What is stored, as Datastore has it. */
  async proto(key: Key): Promise<EntityProto | undefined> {
    const { found } = await this.emulator.datastore.lookup({ projectId, keys: [keyToProto(key)] });
    return found[0]?.entity;
  }

  async lock(key: ReturnType<Application['job']>): Promise<Lock> {
    const job = await this.locker.get(key);
    if (!job) throw new Error(`There is no ${key.path.join('/')}.`);
    return job.lock;
  }

  /** Delivers a task by hand, as its queue would. */
  deliver(delivery: Delivery): Promise<Response> {
    return post(
      `${this.baseUrl}/tasks/${delivery.task}`,
      headersOf(delivery, projectId),
      JSON.stringify(delivery.body ?? {}),
    );
  }

  /** Listens to the emulator from now on. */
  listen(): Wire {
    return new Wire(this.emulator);
  }

  /** The lines that were logged at a level, oldest first. */
  logged(level: 'log' | 'warn' | 'error' | 'debug'): string[] {
    return this.logger.lines.filter((line) => line.level === level).map(({ message }) => message);
  }

  /** The tasks that wait in a queue. */
  async tasks(queue = 'default') {
    const parent = `projects/${projectId}/locations/${location}/queues/${queue}`;
    try {
      return (await this.emulator.tasks.listTasks({ parent, responseView: 'FULL' })).tasks;
    } catch {
      return [];
    }
  }

  /** For the next test: no faults, no tasks, no calls, alerts and lines of this one. */
  async reset(): Promise<void> {
    const { faults, tasks } = this.emulator;
    this.own.resume();
    faults.hold();
    const { queues } = await tasks.listQueues({
      parent: `projects/${projectId}/locations/${location}`,
    });
    for (const { name } of queues) if (name) await tasks.purgeQueue({ name });
    faults.clear();
    this.alerts.length = 0;
    this.logger.lines.length = 0;
  }

  async stop(): Promise<void> {
    const { app, options, ownsEmulator } = this.parts;
    // A drain that a failed test left behind would go on, and keep the application from closing.
    if (ownsEmulator) this.emulator.faults.hold();
    await app.close();
    await options.tasks?.close();
    if (ownsEmulator) await this.emulator.stop();
  }
}
