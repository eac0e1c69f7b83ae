import { Logger, type FactoryProvider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Alerter } from './alert/alert.js';
import { LogAlerter } from './alert/log-alerter.js';
import { Departure } from './delivery/departure.js';
import { Runner } from './delivery/runner.js';
import { checkFor } from './door/check-for.js';
import { Door } from './door/door.js';
import { RefusalLog } from './door/refusal-log.js';
import { connect, type Clients } from './google/clients.js';
import { ArrivalReader } from './locked-task/arrival-reader.js';
import { LockedTaskExplorer } from './locked-task/locked-task.explorer.js';
import { RoutePaths } from './locked-task/route-paths.js';
import { TaskRegistry } from './locked-task/task-registry.js';
import { UnreachedTasks } from './locked-task/unreached-tasks.js';
import { Locker } from './locker.js';
import { LOCKER_OPTIONS } from './locker.module-definition.js';
import type { LockerModuleOptions } from './locker.options.js';
import { LockerService } from './locker.service.js';
import { settingsFrom, type Settings } from './settings/settings.js';
import { Recovery } from './sweep/recovery.js';
import { SweepController } from './sweep/sweep.controller.js';
import { systemClock, type Clock } from './system/clock.js';
import { systemEntropy } from './system/entropy.js';
import { QueueCheck } from './tasks/queue-check.js';

/** The connections to Google's services, of type `Clients`. */
export const CLIENTS = Symbol('nestjs-datastore-locker:clients');
/** The time, of type `Clock`. */
export const CLOCK = Symbol('nestjs-datastore-locker:clock');
/** Where alerts go, of type `Alerter`. */
export const ALERTER = Symbol('nestjs-datastore-locker:alerter');
/** The checked options, of type `Settings`. */
export const SETTINGS = Symbol('nestjs-datastore-locker:settings');

/** For users, and for what `@LockedTask` puts on their methods. */
export const exportedProviders: FactoryProvider[] = [
  {
    provide: LockerService,
    inject: [Locker],
    useFactory: (locker: Locker) => new LockerService(locker),
  },
  {
    provide: Door,
    inject: [SETTINGS, CLOCK],
    useFactory: ({ guard, enabled }: Settings, clock: Clock) =>
      new Door(
        checkFor(guard, process.env, clock),
        new RefusalLog(new Logger('Locker'), clock),
        enabled,
      ),
  },
  {
    provide: ArrivalReader,
    inject: [TaskRegistry, Locker, SETTINGS],
    useFactory: (registry: TaskRegistry, { alerts }: Locker, settings: Settings) =>
      new ArrivalReader(registry, alerts, settings),
  },
  {
    provide: UnreachedTasks,
    inject: [HttpAdapterHost],
    // An application without a server has no adapter.
    useFactory: (host: Partial<HttpAdapterHost>) =>
      new UnreachedTasks(new Logger('Locker'), () => host.httpAdapter?.getHttpServer()),
  },
  { provide: Runner, inject: [Locker], useFactory: ({ runner }: Locker) => runner },
  { provide: Departure, inject: [Locker], useFactory: ({ departure }: Locker) => departure },
];

/** What those are made of. */
export const innerProviders: FactoryProvider[] = [
  { provide: Recovery, inject: [Locker], useFactory: ({ recovery }: Locker) => recovery },
  { provide: CLOCK, useFactory: () => systemClock },
  {
    provide: ALERTER,
    inject: [LOCKER_OPTIONS],
    useFactory: ({ alerter }: LockerModuleOptions) =>
      alerter ?? new LogAlerter(new Logger('Locker')),
  },
  {
    provide: CLIENTS,
    inject: [LOCKER_OPTIONS],
    useFactory: (options: LockerModuleOptions) => connect(options, process.env),
  },
  {
    provide: SETTINGS,
    inject: [LOCKER_OPTIONS, CLIENTS],
    useFactory: (options: LockerModuleOptions, { projectId }: Clients) =>
      settingsFrom(options, projectId),
  },
  {
    provide: QueueCheck,
    inject: [CLIENTS, SETTINGS, CLOCK],
    useFactory: ({ tasks }: Clients, settings: Settings, clock: Clock) =>
      new QueueCheck(tasks, settings, new Logger('Locker'), clock),
  },
  {
    provide: TaskRegistry,
    inject: [LockedTaskExplorer, SETTINGS],
    useFactory: (explorer: LockedTaskExplorer, { terms, aliases }: Settings) =>
      new TaskRegistry(() => explorer.explore(terms), aliases),
  },
  {
    provide: Locker,
    inject: [LOCKER_OPTIONS, ALERTER, SETTINGS, CLIENTS, TaskRegistry, RoutePaths, CLOCK],
    useFactory: (
      { telemetry }: LockerModuleOptions,
      alerter: Alerter,
      settings: Settings,
      { datastore, tasks, logging }: Clients,
      directory: TaskRegistry,
      paths: RoutePaths,
      clock: Clock,
    ) => {
      const log = new Logger('Locker');
      return new Locker({
        settings,
        datastore,
        tasks,
        logging,
        directory,
        sweepPath: () => paths.pathOf(SweepController, 'sweep'),
        alerter,
        clock,
        entropy: systemEntropy,
        log,
        telemetry,
      });
    },
  },
];
