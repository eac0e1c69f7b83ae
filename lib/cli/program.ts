import { Command, Option } from 'commander';
import { emulatorCommand } from './emulator-arguments.js';
import type { ListArguments } from './list-command.js';
import type { OperateArguments, OperationName } from './operate-command.js';
import type { Place } from './place.js';
import type { RecoverArguments } from './recover-command.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

const keys = `Keys are written as the program itself shows them, most often in quotes:

  Order/42                a kind and an id
  Order/abc               a kind and a name; one of digits, or with / or " in it, as JSON: 'Order/"42"'
  Shop/main/Order/42      below an ancestor
  tenant-a:Order/42       in a namespace, as with --namespace tenant-a
  eyJ2IjoxLCJw…           the header X-Lock-Key of a task, or a key in Google's urlsafe form`;

const places = `Where that is, options say or variables: --project GOOGLE_CLOUD_PROJECT, --database LOCKER_DATABASE_ID,
--namespace LOCKER_NAMESPACES; an emulator by DATASTORE_EMULATOR_HOST and CLOUD_TASKS_EMULATOR_HOST.`;

const dispatching = `To create tasks, the queues and the application are needed: --location LOCKER_LOCATION, and --target LOCKER_BASE_URL with
--service-account LOCKER_OIDC_SERVICE_ACCOUNT, or LOCKER_APP_ENGINE_SERVICE.`;

const paths = `Of the handlers' paths the program knows what --path
says; the task of any other step is created by the application's next sweep, in two or three minutes.`;

/** The program's commands. What they need is loaded when they run: the emulator alone needs no client of Google's. */
export function programOn(terminal: Terminal): Command {
  const program = new Command('nestjs-datastore-locker')
    .description('Looks after chains of Cloud Tasks, and runs them on your machine')
    .helpCommand(false)
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 called wrongly.');
  const commands = [
    list(terminal),
    show(terminal),
    operation(terminal, 'retry', 'Let failed runs go on at the step that failed'),
    operation(terminal, 'cancel', 'End runs where they are'),
    operation(terminal, 'run-now', 'Run steps at once that are due later, or wait for arrivals'),
    operation(terminal, 'release', 'Take leases from their holders, as lost attempts'),
    operation(terminal, 'redispatch', 'Create the tasks of steps anew'),
    recover(terminal),
    emulatorCommand(async (options) => {
      const { runEmulator } = await import('./emulator-command.js');
      await runEmulator(options, terminal);
    }),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands])
    command
      .exitOverride()
      .allowExcessArguments(false)
      .configureHelp({ optionTerm: ({ flags }) => flags.replaceAll(/[<>]/g, '') })
      .configureOutput({
        writeOut: (text) => terminal.print(text.trimEnd()),
        // Errors are told by whoever runs the program.
        writeErr: () => {},
      });
  return program;
}

function list(terminal: Terminal): Command {
  return place(new Command('list'))
    .description('List chains by state')
    .option('--kind <KIND>', 'of this kind; again for more (default: all)', several)
    .addOption(
      new Option('--state <STATE>', 'what they are: all that owe anything, some of those, or any')
        .choices(['owing', 'ready', 'waiting', 'held', 'overdue', 'failed', 'any'])
        .default('owing'),
    )
    .option('--prefix <NAME>', 'whose names begin so, with --state any')
    .option('--limit <N>', 'how many at most', wholeNumber('--limit'), 50)
    .option('--cursor <CURSOR>', 'go on where an earlier list ended, with one --kind')
    .addHelpText('after', `\n${places}`)
    .action(async (options: ListArguments) => {
      const { listChains } = await import('./list-command.js');
      await listChains(options, terminal);
    });
}

function show(terminal: Terminal): Command {
  return place(new Command('show'))
    .description('Show a chain: its state, who holds it, what it owes, and its history')
    .argument('<key>', `the entity's key`)
    .addHelpText('after', `\n${keys}\n\n${places}`)
    .action(async (key: string, options: Place) => {
      const { showChain } = await import('./show-command.js');
      await showChain(key, options, terminal);
    });
}

function operation(terminal: Terminal, name: OperationName, description: string): Command {
  const command = place(new Command(name))
    .description(description)
    .argument('[keys...]', `the entities' keys; or --all`);
  if (name === 'retry' || name === 'cancel') {
    const states = ['owing', 'ready', 'waiting', 'held', 'overdue'];
    command
      .option('--all', name === 'retry' ? 'all that failed' : 'all of a --kind and --state')
      .option('--kind <KIND>', 'with --all: of this kind; again for more', several)
      .option('--yes', 'with --all: do not ask');
    if (name === 'cancel')
      command.addOption(new Option('--state <STATE>', 'with --all: what they are').choices(states));
  }
  const help = name === 'cancel' ? [keys, places] : [keys, places, dispatching, paths];
  return (name === 'cancel' ? command : withPaths(command))
    .addHelpText('after', `\n${help.join('\n\n')}`)
    .action(async (given: string[], options: OperateArguments) => {
      const { operate } = await import('./operate-command.js');
      await operate(name, given, options, terminal);
    });
}

function recover(terminal: Terminal): Command {
  return dispatch(place(new Command('recover')))
    .description('Have the application sweep: find what is overdue, and have it done')
    .option('--kind <KIND>', 'with --wait: look at this kind; again for more', several)
    .option('--wait <DURATION>', 'wait until nothing is overdue any more, so long at most')
    .option('--sweep-path <PATH>', `the sweep's route`, '/locker/sweep')
    .addHelpText('after', `\n${places}\n\n${dispatching}`)
    .action(async (options: RecoverArguments) => {
      const { recover: haveRecovered } = await import('./recover-command.js');
      await haveRecovered(options, terminal);
    });
}

function place(command: Command): Command {
  return command
    .option('--project <ID>', 'the Google Cloud project')
    .option('--database <ID>', 'the Datastore database (default: the default one)')
    .option('--namespace <NAME>', 'the namespace (default: the default one)')
    .option('--json', 'print JSON');
}

function dispatch(command: Command): Command {
  return command
    .option('--location <LOCATION>', 'the location of the queues, such as europe-west1')
    .option('--target <URL>', `the application's address`)
    .option('--service-account <EMAIL>', 'the account whose token its tasks carry')
    .option('--default-queue <NAME>', `the queue of sweeps, if not "default"`);
}

function withPaths(command: Command): Command {
  return dispatch(command).option(
    '--path <[TASK=]PATH>',
    'where a task is handled, {task} being its name; again for more',
    several,
  );
}

function several(text: string, before: string[] = []): string[] {
  return [...before, text];
}

function wholeNumber(option: string) {
  return (text: string): number => {
    if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
    throw new UsageError(`${option}: expected a number from 1 on, got '${text}'.`);
  };
}
