import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** The suites that need Google's own emulators (gcloud and Java): `npm run test:google`. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/google/**/*.spec.ts'], exclude: [], maxWorkers: 1 },
});
