import { parseArgs } from 'node:util';
import type { EmulatorOptions } from '../emulator/emulator-options.js';
import { parseQueue } from './queue-argument.js';
import { UsageError } from './usage-error.js';

/** What the program says about itself. */
export const USAGE = `Usage: nestjs-datastore-locker emulator [options]

Runs Datastore and Cloud Tasks on this machine, for development and tests.

  --data FILE            keep everything in this file (default: nothing is kept)
  --datastore-port N     port of Datastore (default: 8081)
  --tasks-port N         port of Cloud Tasks (default: 8123)
  --control-port N       port of the HTTP side: switches for faults, keys of tokens (default: 8124)
  --queue NAME[:RATE]    a queue and its dispatches a second; again for more queues. Others are
                         created with their first task
  --app-engine-host URL  where App Engine tasks go (default: http://127.0.0.1:8080)
  --concurrency MODE     optimistic or pessimistic transactions (default: optimistic)
  --help                 show this

A port of 0 is any free one.`;

/** The ports, unless told otherwise: those of Google's Datastore emulator, and of the best known one of Cloud Tasks. */
const DEFAULT_PORTS = { datastore: 8081, tasks: 8123, control: 8124 };

/** Reads the arguments of `emulator`; undefined if only help was asked for. Throws a {@link UsageError}. */
export function parseEmulatorArguments(args: string[]): EmulatorOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  return {
    datastorePort: parsePort('datastore-port', values['datastore-port'], DEFAULT_PORTS.datastore),
    tasksPort: parsePort('tasks-port', values['tasks-port'], DEFAULT_PORTS.tasks),
    controlPort: parsePort('control-port', values['control-port'], DEFAULT_PORTS.control),
    concurrency: parseConcurrency(values.concurrency),
    queues: (values.queue ?? []).map(parseQueue),
    ...(values.data !== undefined && { data: values.data }),
    ...(values['app-engine-host'] !== undefined && {
      appEngineHost: parseUrl(values['app-engine-host']),
    }),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        data: { type: 'string' },
        'datastore-port': { type: 'string' },
        'tasks-port': { type: 'string' },
        'control-port': { type: 'string' },
        queue: { type: 'string', multiple: true },
        'app-engine-host': { type: 'string' },
        concurrency: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function parsePort(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--${name}: expected a number from 0 to 65535, got '${text}'.`);
}

function parseConcurrency(text = 'optimistic'): 'optimistic' | 'pessimistic' {
  if (text === 'optimistic' || text === 'pessimistic') return text;
  throw new UsageError(`--concurrency: expected optimistic or pessimistic, got '${text}'.`);
}

function parseUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new UsageError(`--app-engine-host: expected an http or https URL, got '${text}'.`);
}
