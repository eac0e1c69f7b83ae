import { startEmulator } from 'nestjs-datastore-locker/emulator';

/** An emulator that a sample has started for itself. */
export interface LocalEmulator {
  /** The variables that point to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it runs, such as "in this process". */
  readonly where: string;
  readonly stop: () => Promise<void>;
}

/** Starts one in this process. @param appUrl where tasks for App Engine go */
export async function emulatorInProcess(appUrl: string): Promise<LocalEmulator> {
  const emulator = await startEmulator({ appEngineHost: appUrl });
  return { env: emulator.env, where: 'in this process', stop: () => emulator.stop() };
}
