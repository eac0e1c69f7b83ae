import { registerAs } from '@nestjs/config';

/** How long a slice works, milliseconds, and how many readings it reads at once. */
export const mapperConfig = registerAs('mapper', () => ({
  sliceMs: Number(process.env['MAPPER_SLICE_MS'] ?? 500),
  batch: Number(process.env['MAPPER_BATCH'] ?? 500),
}));
