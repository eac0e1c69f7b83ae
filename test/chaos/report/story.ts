import { readFileSync } from 'node:fs';
import type { LedgerEntry } from '../ledger.js';
import type { Incident } from '../trouble/incident.js';
import type { StoredChain } from '../verdict/evidence.js';

/** What a story is made of. */
export interface StorySources {
  readonly chain: StoredChain;
  readonly lock: object | undefined;
  readonly ledger: readonly LedgerEntry[];
  readonly incidents: readonly Incident[];
  /** The workers' logs, a JSON object a line. */
  readonly logs: readonly string[];
}

/** Everything that happened to one chain, in order of time. */
export function story({ chain, lock, ledger, incidents, logs }: StorySources): string[] {
  const own = ledger.filter((entry) => entry.chain === chain.name);
  const pids = new Set(own.map(({ pid }) => pid));
  const events = [
    ...own.map(({ at, what, step, attempt, pid, how }) => ({
      at,
      text: `ledger   ${what} step ${step}, attempt ${attempt} in ${pid}${how === undefined ? '' : `: ${how}`}`,
    })),
    ...chain.history.map(({ at, step, attempt, outcome }) => ({
      at,
      text: `lock     step ${step}, attempt ${attempt}: ${outcome}`,
    })),
    ...incidents
      .filter(({ pid, what }) => pids.has(pid) || what === 'emulator killed')
      .map(({ at, what, pid }) => ({ at, text: `trouble  ${what} (${pid})` })),
    ...logs.flatMap((file) => logLines(file, chain.name)),
  ].toSorted((one, other) => one.at - other.at);
  return [
    ...events.map(({ at, text }) => `    ${new Date(at).toISOString().slice(11, 23)}  ${text}`),
    `    stored   ${JSON.stringify(chain)}`,
    `    lock     ${JSON.stringify(lock)}`,
  ];
}

function logLines(file: string, name: string): { at: number; text: string }[] {
  const mention = new RegExp(`${name}(?![\\w-])`);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => mention.test(line))
    .flatMap((line) => {
      const { timestamp, pid, message, outcome } = parse(line);
      if (typeof timestamp !== 'number') return [];
      const end = typeof outcome === 'string' ? ` (${outcome})` : '';
      return [{ at: timestamp, text: `log      ${String(pid)}: ${String(message)}${end}` }];
    });
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}
