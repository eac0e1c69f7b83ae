import { Module, type DynamicModule } from '@nestjs/common';
import { LockerModule } from '../locker.module.js';
import type { LockerModuleOptions } from '../locker.options.js';

/**
 * `LockerModule` for tests of single controllers, without the application's own module. Only with `LockerTesting.start()`,
 * which gives it its emulator.
 *
 * @example
 * ```ts
 * Test.createTestingModule({ imports: [LockerTestingModule.forRoot()], controllers: [OrderTasks] })
 * ```
 */
@Module({})
export class LockerTestingModule {
  /** To import in a test. @param options Default: those of `LockerModule`. */
  static forRoot(options: Partial<LockerModuleOptions> = {}): DynamicModule {
    const anywhere = { target: { baseUrl: 'http://127.0.0.1' }, location: 'europe-west1' };
    return LockerModule.forRoot({ ...anywhere, ...options });
  }
}
