import { parseEmulatorArguments, USAGE } from './emulator-arguments.js';
import { runEmulator } from './emulator-command.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** Runs the program; answers with its exit code: 0, 1 when it failed, 2 when it was called wrongly. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  try {
    const options = parseCommand(args);
    if (options) await runEmulator(options, terminal);
    else terminal.print(USAGE);
    return 0;
  } catch (error) {
    terminal.printError(describe(error));
    if (!(error instanceof UsageError)) return 1;
    terminal.printError(`\n${USAGE}`);
    return 2;
  }
}

function parseCommand([command, ...args]: string[]) {
  if (command === 'emulator') return parseEmulatorArguments(args);
  if (command === '--help' || command === '-h') return undefined;
  throw new UsageError(
    command === undefined ? 'A command is missing.' : `There is no command '${command}'.`,
  );
}

/** What an error says, and what its cause adds; no stacks, for these are mistakes of the caller's. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : describe(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}
