import { CommanderError, type Command } from 'commander';
import { programOn } from './program.js';
import type { Terminal } from './terminal.js';
import { PartlyFailed, UsageError } from './usage-error.js';

/** Runs the program; answers with its exit code: 0, 1 when it failed, 2 when it was called wrongly. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const program = programOn(terminal);
  try {
    if (args.length === 0) throw new UsageError('A command is missing.');
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof PartlyFailed) return 1;
    const mistake = mistakeIn(error);
    terminal.printError(mistake ?? describe(error));
    if (mistake === undefined) return 1;
    terminal.printError(`\n${commandOf(program, args).helpInformation().trimEnd()}`);
    return 2;
  }
}

/** How the program was called wrongly, if that is what an error says. */
function mistakeIn(error: unknown): string | undefined {
  if (error instanceof UsageError) return error.message;
  if (!(error instanceof CommanderError)) return undefined;
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  if (error.code === 'commander.unknownCommand') return `There is no command '${quoted}'.`;
  if (error.code === 'commander.optionMissingArgument')
    return `Option '${quoted.replace(/<.*>/, '<value>')}' argument missing.`;
  const [first = '', ...rest] = error.message.replace(/^error: /, '');
  return `${first.toUpperCase()}${rest.join('')}.`;
}

/** The command that was meant, or the program itself. */
function commandOf(program: Command, [name]: string[]): Command {
  return program.commands.find((command) => command.name() === name) ?? program;
}

/** What an error says, and what its cause adds; no stacks, for these are mistakes of the caller's. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : describe(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}
