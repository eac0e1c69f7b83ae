import type { TestProject } from 'vitest/node';
import { startFirestoreEmulator } from './google-emulators.js';

/** Google's emulator for the whole run of a suite. */
export default async function setup({ provide }: TestProject) {
  const { endpoint, stop } = await startFirestoreEmulator();
  provide('googleDatastore', { emulator: 'firestore', endpoint });
  return stop;
}
