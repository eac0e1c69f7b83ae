import { Command } from 'commander';
import type { EmulatorOptions } from '../emulator/emulator-options.js';
import type { InitialQueue } from '../emulator/tasks/tasks-engine-options.js';
import { parseQueue } from './queue-argument.js';
import { UsageError } from './usage-error.js';

/** The ports, unless told otherwise: those of Google's Datastore emulator, and of the best known one of Cloud Tasks. */
const DEFAULT_PORTS = { datastore: 8081, tasks: 8123, control: 8124 };

/** The options as they are named on the command line. */
interface Arguments {
  readonly data?: string;
  readonly datastorePort: number;
  readonly tasksPort: number;
  readonly controlPort: number;
  readonly queue?: InitialQueue[];
  readonly appEngineHost?: string;
  readonly concurrency: 'optimistic' | 'pessimistic';
}

/** `emulator`, which does what it is given to do with its options. What cannot be read throws a {@link UsageError}. */
export function emulatorCommand(act: (options: EmulatorOptions) => Promise<void> | void): Command {
  return new Command('emulator')
    .description('Run Datastore and Cloud Tasks on this machine, for development and tests')
    .option('--data <FILE>', 'keep everything in this file (default: nothing is kept)')
    .option('--datastore-port <N>', 'port of Datastore', port('datastore'), DEFAULT_PORTS.datastore)
    .option('--tasks-port <N>', 'port of Cloud Tasks', port('tasks'), DEFAULT_PORTS.tasks)
    .option(
      '--control-port <N>',
      'port of the HTTP side: switches for faults, keys of tokens',
      port('control'),
      DEFAULT_PORTS.control,
    )
    .option(
      '--queue <NAME[:RATE]>',
      'a queue and its dispatches a second; again for more queues. Others are created with their first task',
      (text, before?: InitialQueue[]) => [...(before ?? []), parseQueue(text)],
    )
    .option(
      '--app-engine-host <URL>',
      'where App Engine tasks go (default: http://127.0.0.1:8080)',
      parseUrl,
    )
    .option(
      '--concurrency <MODE>',
      'optimistic or pessimistic transactions',
      parseConcurrency,
      'optimistic',
    )
    .addHelpText('after', '\nA port of 0 is any free one.')
    .action((options: Arguments) => act(optionsFrom(options)));
}

function optionsFrom(options: Arguments): EmulatorOptions {
  const { data, appEngineHost } = options;
  return {
    datastorePort: options.datastorePort,
    tasksPort: options.tasksPort,
    controlPort: options.controlPort,
    concurrency: options.concurrency,
    queues: options.queue ?? [],
    ...(data !== undefined && { data }),
    ...(appEngineHost !== undefined && { appEngineHost }),
  };
}

function port(name: string) {
  return (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number <= 65_535) return number;
    throw new UsageError(`--${name}-port: expected a number from 0 to 65535, got '${text}'.`);
  };
}

function parseConcurrency(text: string): 'optimistic' | 'pessimistic' {
  if (text === 'optimistic' || text === 'pessimistic') return text;
  throw new UsageError(`--concurrency: expected optimistic or pessimistic, got '${text}'.`);
}

function parseUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new UsageError(`--app-engine-host: expected an http or https URL, got '${text}'.`);
}
