import { registerAs } from '@nestjs/config';

/** How long a step works, and when the late one of the two duplicates arrives; milliseconds. */
export const counterConfig = registerAs('counter', () => ({
  workMs: Number(process.env['COUNTER_WORK_MS'] ?? 200),
  lateMs: Number(process.env['COUNTER_LATE_MS'] ?? 3_000),
}));
