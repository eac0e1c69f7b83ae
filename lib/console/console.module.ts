import { Module, type DynamicModule } from '@nestjs/common';
import { ChainActions } from './chain-actions.js';
import { ChainFinder } from './chain-finder.js';
import { consoleController } from './console.controller.js';
import { consoleSettings, type LockerConsoleOptions } from './console.options.js';
import { CONSOLE_SETTINGS } from './console.tokens.js';
import { Reply } from './reply.js';
import { Snapshots } from './snapshots.js';
import { Watchers } from './watchers.js';

/**
 * A web page to see and operate chains, served by the application itself. Import it beside `LockerModule`.
 *
 * @example
 * ```ts
 * LockerConsoleModule.forRoot({
 *   path: '/locker',
 *   guards: [StaffGuard],
 *   who: (request: StaffRequest) => request.user.email,
 * })
 * ```
 */
@Module({})
export class LockerConsoleModule {
  /** @throws OptionError without guards, unless `open` outside of production */
  static forRoot(options: LockerConsoleOptions): DynamicModule {
    const settings = consoleSettings(options, process.env);
    return {
      module: LockerConsoleModule,
      imports: options.imports ?? [],
      controllers: [consoleController(settings)],
      providers: [
        { provide: CONSOLE_SETTINGS, useValue: settings },
        ChainActions,
        ChainFinder,
        Reply,
        Snapshots,
        Watchers,
      ],
    };
  }
}
