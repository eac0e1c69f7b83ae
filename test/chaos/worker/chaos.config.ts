import { registerAs } from '@nestjs/config';

/** Where effects are written, and what decides how long they take. */
export const chaosConfig = registerAs('chaos', () => ({
  ledger: process.env['CHAOS_LEDGER'] ?? '',
  seed: Number(process.env['CHAOS_SEED'] ?? 1),
}));
