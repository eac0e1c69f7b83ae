import type { TestProject } from 'vitest/node';
import { startDatastoreEmulator } from './google-emulators.js';

/** Google's emulator for the whole run of a suite. */
export default async function setup({ provide }: TestProject) {
  const { endpoint, stop } = await startDatastoreEmulator();
  provide('googleDatastore', { emulator: 'datastore', endpoint });
  return stop;
}
