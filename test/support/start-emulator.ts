import {
  type Emulator,
  type EmulatorOptions,
  startEmulator,
} from 'nestjs-datastore-locker/emulator';
import { googleDatastore } from './google-datastore.js';
import { startOverGoogle } from './start-over-google.js';

/** The emulator of a test: our own, or our Cloud Tasks, faults and taps around the Datastore that the run is about. */
export function startTestEmulator(options: EmulatorOptions): Promise<Emulator> {
  const google = googleDatastore();
  return google ? startOverGoogle(google.endpoint, options) : startEmulator(options);
}
