import { startEmulator } from 'nestjs-datastore-locker/emulator';

/** The emulator as a program of its own, on a file; tells the process that started it where it is. */
export async function serveEmulator(file: string): Promise<void> {
  const emulator = await startEmulator({ data: file });
  process.once('SIGTERM', () => void emulator.stop().then(() => process.exit(0)));
  process.send?.(emulator.env);
}
