import { randomBytes } from 'node:crypto';
import { ConfigModule } from '@nestjs/config';
import type { LockerConsoleOptions } from 'nestjs-datastore-locker/console';
import { staffConfig } from './staff.config.js';
import { staffName, StaffGuard } from './staff.guard.js';

/** Who is let into a console, and by which name the log has what they did. */
export const forStaff = {
  guards: [StaffGuard],
  imports: [ConfigModule.forFeature(staffConfig)],
  who: staffName,
} satisfies LockerConsoleOptions;

/** Makes a password up, unless somebody has set one. */
export function preparePassword(environment: NodeJS.ProcessEnv): string {
  return (environment['STAFF_PASSWORD'] ??= randomBytes(4).toString('hex'));
}
