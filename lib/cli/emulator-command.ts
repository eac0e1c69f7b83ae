import { startEmulator } from '../emulator/start-emulator.js';
import type { EmulatorOptions } from '../emulator/emulator-options.js';
import { RpcError } from '../emulator/rpc-error.js';
import type { TapEvent } from '../emulator/tap.js';
import { dispatchLine } from './dispatch-line.js';
import type { Terminal } from './terminal.js';

/** Runs the emulator until the terminal asks it to stop; tells of every dispatch. */
export async function runEmulator(options: EmulatorOptions, terminal: Terminal): Promise<void> {
  const stopped = terminal.whenStopped();
  const emulator = await startEmulator(options);
  emulator.tap((event) => report(event, terminal, emulator.clock.now()));
  for (const [name, value] of Object.entries(emulator.env))
    terminal.print(`export ${name}=${value}`);
  terminal.print(`# Faults: ${emulator.controlUrl}/faults. Ctrl-C ends it.`);
  await stopped;
  await emulator.stop();
}

function report(event: TapEvent, terminal: Terminal, now: number): void {
  if (event.type === 'dispatch') terminal.print(dispatchLine(event, now));
  else if (event.error !== undefined && !(event.error instanceof RpcError)) {
    terminal.printError(`${event.service}.${event.method} failed: ${describe(event.error)}`);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
