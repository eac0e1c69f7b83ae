import { setTimeout as sleep } from 'node:timers/promises';
import { toMilliseconds } from '../system/duration.js';
import { collections } from './list-command.js';
import { withLocker, type OpenLocker } from './open-locker.js';
import { dispatchingOptions, type Dispatching } from './place.js';
import type { Terminal } from './terminal.js';
import { PartlyFailed, UsageError } from './usage-error.js';

/** What is to be recovered. */
export interface RecoverArguments extends Dispatching {
  readonly kind?: readonly string[];
  readonly wait?: string;
  readonly sweepPath: string;
}

/** How often it is looked whether anything is overdue still, milliseconds. */
const pause = 1_000;

/** The application sweeps, for it knows its tasks, its alerts and its options; this program only asks it to. */
export async function recover(options: RecoverArguments, terminal: Terminal): Promise<void> {
  const waitMs = options.wait === undefined ? undefined : toMilliseconds(options.wait);
  if (options.wait !== undefined && waitMs === undefined)
    throw new UsageError(`--wait: expected a duration such as 2m, got '${options.wait}'.`);
  const opening = { options: dispatchingOptions(options, process.env) };
  await withLocker(opening, terminal, async (locker) => {
    const overdue = await countOverdue(locker, options.kind);
    for (const namespace of locker.namespaces)
      await locker.askForSweep(namespace, options.sweepPath);
    const left =
      waitMs === undefined
        ? undefined
        : await watch(locker, options.kind, overdue, waitMs, terminal);
    const report = { namespaces: locker.namespaces, overdue, ...(left !== undefined && { left }) };
    if (options.json) terminal.print(JSON.stringify(report, undefined, 2));
    else terminal.print(sentence(report));
    if (left !== undefined && left > 0) throw new PartlyFailed();
  });
}

async function countOverdue(
  locker: OpenLocker,
  kinds: readonly string[] | undefined,
): Promise<number> {
  let overdue = 0;
  for (const where of await collections(locker, kinds))
    overdue += (await locker.service.count({ ...where, reads: 1 })).overdue;
  return overdue;
}

/** Waits until nothing is overdue, or the time is up; how much still is. */
async function watch(
  locker: OpenLocker,
  kinds: readonly string[] | undefined,
  before: number,
  limitMs: number,
  terminal: Terminal,
): Promise<number> {
  const progress = terminal.progress('Recover', before);
  const giveUpAt = performance.now() + limitMs;
  try {
    for (;;) {
      const left = await countOverdue(locker, kinds);
      progress.set(Math.max(0, before - left));
      const remaining = giveUpAt - performance.now();
      if (left === 0 || remaining <= 0) return left;
      await sleep(Math.min(pause, remaining));
    }
  } finally {
    progress.end();
  }
}

function sentence(report: {
  namespaces: readonly string[];
  overdue: number;
  left?: number;
}): string {
  const { namespaces, overdue, left } = report;
  const where = namespaces.map((namespace) => `"${namespace}"`).join(', ');
  const asked = `${overdue} chains were overdue; the application was asked to sweep namespace ${where}.`;
  if (left === undefined) return asked;
  return `${asked} ${left === 0 ? 'None is overdue any more.' : `${left} still are.`}`;
}
