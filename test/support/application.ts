import { Datastore } from '@google-cloud/datastore';
import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  LockerModule,
  LockerService,
  type Alert,
  type LockerModuleOptions,
} from 'nestjs-datastore-locker';
import {
  startEmulator,
  ShiftingClock,
  type Emulator,
  type EmulatorOptions,
} from 'nestjs-datastore-locker/emulator';
import { CLOCK } from '../../lib/locker.providers.js';
import { createTasksClient } from '../../lib/google/tasks-client.js';
import { freePort } from './free-port.js';
import { MemoryLogger } from './memory-logger.js';

export const adapters = ['express', 'fastify'] as const;
export type Adapter = (typeof adapters)[number];

export interface ApplicationOptions extends ModuleMetadata {
  readonly adapter?: Adapter;
  readonly options?: Partial<LockerModuleOptions>;
  readonly emulator?: EmulatorOptions;
  /** How the module is imported. */
  readonly async?: boolean;
  readonly configure?: (app: INestApplication) => void;
}

/** A real application on a real emulator, with the official clients between them. */
export class Application {
  static async start(options: ApplicationOptions): Promise<Application> {
    const clock = new ShiftingClock();
    const emulator = await startEmulator({ clock, ...options.emulator });
    const port = await freePort();
    const baseUrl = `http://127.0.0.1:${port}`;
    const alerts: Alert[] = [];
    const projectId = 'test-project';
    const datastore = new Datastore({ projectId, apiEndpoint: emulator.datastoreHost });
    const lockerOptions: LockerModuleOptions = {
      target: { baseUrl },
      guard: 'none',
      location: 'europe-west1',
      projectId,
      datastore,
      tasks: createTasksClient(projectId, emulator.tasksHost),
      alerter: {
        send: (alert) => {
          alerts.push(alert);
          return Promise.resolve();
        },
      },
      verbose: true,
      ...options.options,
    };
    const logger = new MemoryLogger();
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
      .useValue(clock)
      .setLogger(logger)
      .compile();
    const app = module.createNestApplication(
      options.adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    );
    app.useLogger(logger);
    options.configure?.(app);
    await app.listen(port, '127.0.0.1');
    return new Application(app, emulator, clock, datastore, baseUrl, alerts, logger, lockerOptions);
  }

  readonly locker: LockerService;

  private constructor(
    readonly nest: INestApplication,
    readonly emulator: Emulator,
    readonly clock: ShiftingClock,
    readonly datastore: Datastore,
    readonly baseUrl: string,
    readonly alerts: Alert[],
    readonly logger: MemoryLogger,
    private readonly options: LockerModuleOptions,
  ) {
    this.locker = nest.get(LockerService);
  }

  get<T>(type: Type<T>): T {
    return this.nest.get(type);
  }

  async stop(): Promise<void> {
    await this.nest.close();
    await this.options.tasks?.close();
    await this.emulator.stop();
  }
}
