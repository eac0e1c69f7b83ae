import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** What needs a Chromium: `npm run test:browser`. Pictures go to `test-pictures/`, or where PICTURES says. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/console/browser/**/*.browser.ts'],
    exclude: [],
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
