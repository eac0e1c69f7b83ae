import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import type { Clients } from './google/clients.js';
import { LockedTaskExplorer } from './locked-task/locked-task.explorer.js';
import { TaskRegistry } from './locked-task/task-registry.js';
import { ConfigurableModuleClass } from './locker.module-definition.js';
import { CLIENTS, exportedProviders, innerProviders } from './locker.providers.js';

/**
 * Gives an application `LockerService` and makes `@LockedTask` work. Import it once, with `forRoot` or `forRootAsync`;
 * it is global.
 *
 * @example
 * ```ts
 * LockerModule.forRoot({ target: { baseUrl }, guard: 'none', location: 'europe-west1' })
 * ```
 */
@Module({
  imports: [DiscoveryModule],
  providers: [LockedTaskExplorer, ...innerProviders, ...exportedProviders],
  exports: exportedProviders,
})
export class LockerModule
  extends ConfigurableModuleClass
  implements OnModuleInit, OnApplicationShutdown
{
  constructor(
    private readonly registry: TaskRegistry,
    @Inject(CLIENTS) private readonly clients: Clients,
  ) {
    super();
  }

  /** Finds the declared tasks, so that a wrong declaration stops the application. */
  onModuleInit(): void {
    void this.registry.tasks;
  }

  /** Last of all: tasks in flight need their database until they have ended. */
  async onApplicationShutdown(): Promise<void> {
    await this.clients.close();
  }
}
