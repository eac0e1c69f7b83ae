import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import base from './vitest.config.js';

/** One suite, with a name for `--project`. */
function suite(
  name: string,
  include: string[],
  globalSetup: string[] = [],
): TestProjectInlineConfiguration {
  // A JVM beside the tests; the Firestore emulator waits seconds for every lock that is taken.
  const timeouts = { testTimeout: 300_000, hookTimeout: 300_000 };
  return { ...base, test: { ...base.test, ...timeouts, name, include, exclude: [], globalSetup } };
}

/**
 * What needs Google's own emulators (gcloud and Java): `npm run test:google`. Both are compared with ours, and the
 * end-to-end suite runs on each; Cloud Tasks, which Google has no emulator of, is ours.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/google/left-out.reporter.ts'],
    maxWorkers: 1,
    projects: [
      suite('comparison', ['test/google/**/*.spec.ts']),
      suite('datastore', ['test/e2e/**/*.spec.ts'], ['test/google/datastore.setup.ts']),
      suite('firestore', ['test/e2e/**/*.spec.ts'], ['test/google/firestore.setup.ts']),
    ],
  },
});
