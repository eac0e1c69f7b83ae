import {
  Inject,
  Logger,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Departure } from './delivery/departure.js';
import type { Clients } from './google/clients.js';
import { LockedTaskExplorer } from './locked-task/locked-task.explorer.js';
import { RoutePaths } from './locked-task/route-paths.js';
import { TaskRegistry } from './locked-task/task-registry.js';
import { Locker } from './locker.js';
import { ConfigurableModuleClass } from './locker.module-definition.js';
import { CLIENTS, exportedProviders, innerProviders, SETTINGS } from './locker.providers.js';
import { LockerService } from './locker.service.js';
import type { Settings } from './settings/settings.js';
import { SweepController } from './sweep/sweep.controller.js';
import { QueueCheck } from './tasks/queue-check.js';

/**
 * Gives an application `LockerService` and makes `@LockedTask` work. Import it once, with `forRoot` or `forRootAsync`;
 * it is global.
 *
 * @example
 * ```ts
 * LockerModule.forRoot({
 *   target: { baseUrl, oidc: { serviceAccountEmail } },
 *   location: 'europe-west1',
 * })
 * ```
 */
@Module({
  imports: [DiscoveryModule],
  providers: [LockedTaskExplorer, RoutePaths, ...innerProviders, ...exportedProviders],
  controllers: [SweepController],
  exports: exportedProviders,
})
export class LockerModule
  extends ConfigurableModuleClass
  implements OnModuleInit, BeforeApplicationShutdown, OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly logger = new Logger(LockerModule.name);
  private recovered: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly registry: TaskRegistry,
    private readonly locker: LockerService,
    private readonly departure: Departure,
    private readonly parts: Locker,
    private readonly queueCheck: QueueCheck,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(CLIENTS) private readonly clients: Clients,
  ) {
    super();
  }

  /** Finds the declared tasks, so that a wrong declaration stops the application. */
  onModuleInit(): void {
    void this.registry.tasks;
  }

  /** Looks at the queue; then for what is overdue, beside everything else: a purged queue has lost the sweep's task too. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.settings.enabled) await this.queueCheck.run();
    if (!this.settings.sweep) return;
    this.recovered = this.locker.recover().catch((error: unknown) => {
      this.logger.warn('What is overdue could not be looked for at start-up', { error });
    });
  }

  /** Ends the steps under way, as long as there is a server to answer them. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.departure.begin(this.settings.shutdownTimeout);
  }

  /** Last of all: tasks in flight need their database until they have ended. */
  async onApplicationShutdown(): Promise<void> {
    await this.recovered;
    await this.parts.alerts.close();
    await this.clients.close();
  }
}
