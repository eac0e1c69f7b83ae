import type { ListState } from '../run/list-options.js';
import type { ChainView } from '../run/overview.js';
import { chainReport } from './chain-report.js';
import { withLocker, type OpenLocker } from './open-locker.js';
import { readingOptions, type Place } from './place.js';
import { chainTable } from './tables.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** Which chains are listed. */
export interface ListArguments extends Place {
  readonly kind?: readonly string[];
  readonly state: ListState;
  readonly prefix?: string;
  readonly limit: number;
  readonly cursor?: string;
}

interface Listed {
  readonly chains: ChainView[];
  /** Where the list goes on; null: at its end, or there is more in more than one place. */
  readonly cursor: string | null;
  readonly isComplete: boolean;
}

export async function listChains(options: ListArguments, terminal: Terminal): Promise<void> {
  if (options.prefix !== undefined && options.state !== 'any')
    throw new UsageError('--prefix: goes with --state any.');
  if (options.cursor !== undefined && options.kind?.length !== 1)
    throw new UsageError('--cursor: goes with one --kind, that of the earlier list.');
  const listed = await withLocker(
    { options: readingOptions(options, process.env) },
    terminal,
    (locker) => list(locker, options),
  );
  const { chains, cursor, isComplete } = listed;
  if (options.json) {
    const report = { chains: chains.map(chainReport), cursor, isComplete };
    return terminal.print(JSON.stringify(report, undefined, 2));
  }
  terminal.print(chains.length === 0 ? 'No chains.' : chainTable(chains));
  if (cursor !== null) terminal.print(`\nThere are more: --cursor ${cursor}`);
  else if (!isComplete) terminal.print('\nThere are more. Name one --kind, or a higher --limit.');
}

/** Collection by collection, up to the limit. */
async function list(locker: OpenLocker, options: ListArguments): Promise<Listed> {
  const { state, prefix, limit, cursor: from } = options;
  const chains: ChainView[] = [];
  const places = await collections(locker, options.kind);
  for (const [index, { namespace, kind }] of places.entries()) {
    const page = await locker.service.list({
      kind,
      namespace,
      state,
      limit: limit - chains.length,
      ...(prefix !== undefined && { prefix }),
      ...(from !== undefined && { cursor: from }),
    });
    chains.push(...page.chains);
    const isLast = index === places.length - 1;
    if (chains.length >= limit || page.cursor !== undefined) {
      const isComplete = isLast && page.cursor === undefined;
      return { chains, isComplete, cursor: places.length === 1 ? (page.cursor ?? null) : null };
    }
  }
  return { chains, cursor: null, isComplete: true };
}

/** The kinds that were named, or all there are, in every namespace. */
export async function collections(
  locker: OpenLocker,
  named: readonly string[] = [],
): Promise<{ namespace: string; kind: string }[]> {
  const found: { namespace: string; kind: string }[] = [];
  for (const namespace of locker.namespaces)
    for (const kind of named.length > 0 ? named : await locker.kinds(namespace))
      found.push({ namespace, kind });
  return found;
}
