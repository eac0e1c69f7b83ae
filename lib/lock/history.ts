import type { HistoryEntry, Lock } from './lock.js';
import type { Terms } from './terms.js';

/** The lock's history with one more transition, the oldest dropped. */
export function remember(
  lock: Lock,
  outcome: string,
  now: number,
  terms: Pick<Terms, 'historyLength'>,
): readonly HistoryEntry[] {
  if (terms.historyLength === 0) return [];
  const ms = lock.holder && { ms: now - lock.holder.since };
  const entry = { at: now, step: lock.step, attempt: lock.tries + 1, outcome, ...ms };
  return [...lock.history, entry].slice(-terms.historyLength);
}
