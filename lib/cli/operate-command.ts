import type { Key } from '@google-cloud/datastore';
import pMap from 'p-map';
import { keyFromProto, keyText, keyToProto } from '../datastore/keys.js';
import { LockerError } from '../locker.errors.js';
import type { LockerService } from '../locker.service.js';
import type { ListState } from '../run/list-options.js';
import { parseKey } from './key-argument.js';
import { collections } from './list-command.js';
import { withLocker, type OpenLocker } from './open-locker.js';
import { dispatchingOptions, readingOptions, type Dispatching } from './place.js';
import type { Terminal } from './terminal.js';
import { PartlyFailed, UsageError } from './usage-error.js';

/** What can be done to chains. */
export type OperationName = 'retry' | 'cancel' | 'run-now' | 'release' | 'redispatch';

/** What is done to which chains. */
export interface OperateArguments extends Dispatching {
  readonly all?: boolean;
  readonly kind?: readonly string[];
  readonly state?: ListState;
  readonly yes?: boolean;
  /** Where tasks are handled: see `knownPaths`. */
  readonly path?: readonly string[];
}

/** What became of one chain. */
interface Result {
  readonly key: string;
  readonly done: boolean;
  readonly run?: string;
  readonly state?: string;
  readonly dispatched?: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

interface Operation {
  /** What is done, and what then is done. */
  readonly verb: string;
  readonly past: string;
  readonly act: (service: LockerService, key: Key) => Promise<object | void>;
}

const operations: Readonly<Record<OperationName, Operation>> = {
  retry: { verb: 'Retry', past: 'retried', act: (service, key) => service.retry(key) },
  cancel: { verb: 'Cancel', past: 'cancelled', act: (service, key) => service.cancel(key) },
  'run-now': { verb: 'Run', past: 'due now', act: (service, key) => service.runNow(key) },
  release: { verb: 'Release', past: 'released', act: (service, key) => service.release(key) },
  redispatch: {
    verb: 'Dispatch',
    past: 'dispatched again',
    act: (service, key) => service.redispatch(key),
  },
};

/** How many chains are changed at once. */
const concurrency = 10;

export async function operate(
  name: OperationName,
  given: readonly string[],
  options: OperateArguments,
  terminal: Terminal,
): Promise<void> {
  checkChoice(name, given, options);
  const keys = given.map((text) => parseKey(text, options.namespace));
  const cancels = name === 'cancel';
  const opening = {
    options: cancels
      ? readingOptions(options, process.env)
      : dispatchingOptions(options, process.env),
    ...(options.path && { paths: options.path }),
    keys,
  };
  await withLocker(opening, terminal, async (locker) => {
    const chosen = options.all
      ? await allOf(locker, name === 'retry' ? 'failed' : options.state, options)
      : keys.map(({ key }) => keyFromProto(key));
    if (options.all && !(await isAgreed(name, chosen.length, options, terminal))) return;
    const results = await operateOnEach(locker.service, chosen, operations[name], terminal);
    tell(results, operations[name].past, options.json ?? false, terminal);
    if (results.some(({ done }) => !done)) throw new PartlyFailed();
  });
}

function checkChoice(name: OperationName, given: readonly string[], options: OperateArguments) {
  const { all = false, kind = [], state, yes } = options;
  if (all === given.length > 0)
    throw new UsageError(
      all
        ? '--all: goes without keys.'
        : `${name}: expected keys${name === 'retry' || name === 'cancel' ? ', or --all' : ''}.`,
    );
  if (!all && (kind.length > 0 || state !== undefined || yes))
    throw new UsageError('--kind, --state and --yes: go with --all.');
  if (all && name === 'cancel' && (kind.length === 0 || state === undefined))
    throw new UsageError('cancel --all: expected a --kind and a --state.');
}

/** All before the first is changed: what fails again meanwhile is not met twice. */
async function allOf(
  locker: OpenLocker,
  state: ListState = 'failed',
  { kind = [] }: OperateArguments,
): Promise<Key[]> {
  const keys: Key[] = [];
  for (const where of await collections(locker, kind)) {
    let cursor: string | undefined;
    do {
      const page = await locker.service.list({
        ...where,
        state,
        limit: 500,
        ...(cursor !== undefined && { cursor }),
      });
      keys.push(...page.chains.map(({ key }) => key));
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return keys;
}

async function isAgreed(
  name: OperationName,
  count: number,
  { yes, kind = [], state }: OperateArguments,
  terminal: Terminal,
): Promise<boolean> {
  if (yes || count === 0) return true;
  const what = `${state ?? 'failed'} chains${kind.length > 0 ? ` of ${kind.join(', ')}` : ''}`;
  const agreed = await terminal.confirm(`${operations[name].verb} ${count} ${what}?`);
  if (agreed === undefined)
    throw new UsageError(
      `${name} --all would change ${count} ${what}, and nobody can be asked: say --yes.`,
    );
  if (!agreed) terminal.printError('Nothing was changed.');
  return agreed;
}

async function operateOnEach(
  service: LockerService,
  keys: readonly Key[],
  { act, verb }: Operation,
  terminal: Terminal,
): Promise<Result[]> {
  let done = 0;
  const progress = terminal.progress(verb, keys.length > 1 ? keys.length : 0);
  try {
    return await pMap(
      keys,
      async (key) => {
        const result = await resultOf(keyText(keyToProto(key)), () => act(service, key));
        progress.set(++done);
        return result;
      },
      { concurrency },
    );
  } finally {
    progress.end();
  }
}

async function resultOf(key: string, act: () => Promise<object | void>): Promise<Result> {
  try {
    return { key, done: true, ...(await act()) };
  } catch (error) {
    if (!(error instanceof LockerError)) throw error;
    return { key, done: false, error: { code: error.code, message: error.message } };
  }
}

function tell(results: readonly Result[], past: string, json: boolean, terminal: Terminal): void {
  const failed = results.filter(({ done }) => !done);
  const done = results.length - failed.length;
  if (json)
    return terminal.print(JSON.stringify({ done, failed: failed.length, results }, undefined, 2));
  for (const { key, error } of failed) terminal.printError(error?.message ?? `${key} failed.`);
  const waiting = results.filter(({ dispatched }) => dispatched === false).length;
  if (results.length === 0) terminal.print('No chains.');
  else if (done === 1 && results.length === 1) terminal.print(`${results[0]?.key}: ${past}.`);
  else if (results.length > 1) terminal.print(`${done} of ${results.length} chains: ${past}.`);
  if (waiting > 0)
    terminal.print(
      `The next sweep creates ${waiting === 1 ? 'its task' : `${waiting} of their tasks`}, in two or three minutes. With --path this program does.`,
    );
}
