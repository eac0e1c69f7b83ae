import { registerAs } from '@nestjs/config';

/** What the staff say to be let in. Without `STAFF_PASSWORD` nobody is. */
export const staffConfig = registerAs('staff', () => ({
  password: process.env['STAFF_PASSWORD'] ?? '',
}));
