import type { Lock } from './lock.js';
import type { Terms } from './terms.js';

/** One past transition. */
export interface HistoryEntry {
  readonly at: number;
  readonly step: number;
  readonly attempt: number;
  readonly outcome: string;
  /** From acquiring the lease to this transition, milliseconds. */
  readonly ms?: number | undefined;
}

/** The lock's log with one more transition, the oldest dropped. */
export function remember(
  lock: Lock,
  outcome: string,
  now: number,
  terms: Pick<Terms, 'historyLength'>,
): string {
  if (terms.historyLength === 0) return '';
  const ms = lock.holder && { ms: now - lock.holder.since };
  const entry: HistoryEntry = { at: now, step: lock.step, attempt: lock.tries + 1, outcome, ...ms };
  return [...linesOf(lock.log), JSON.stringify(entry)].slice(-terms.historyLength).join('\n');
}

/** The transitions that a log tells of, the last one last. What cannot be read is left out: nothing depends on it. */
export function entriesOf(log: string): readonly HistoryEntry[] {
  return linesOf(log).map(parsed).filter(isEntry);
}

function linesOf(log: string): readonly string[] {
  return log === '' ? [] : log.split('\n');
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is HistoryEntry {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'at' in value &&
    typeof value.at === 'number' &&
    'step' in value &&
    typeof value.step === 'number' &&
    'attempt' in value &&
    typeof value.attempt === 'number' &&
    'outcome' in value &&
    typeof value.outcome === 'string' &&
    (!('ms' in value) || typeof value.ms === 'number')
  );
}
