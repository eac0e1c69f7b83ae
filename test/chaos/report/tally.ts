import { groupBy } from '../group-by.js';
import type { LedgerEntry } from '../ledger.js';
import type { StoredChain } from '../verdict/evidence.js';

/** How often handlers really ran. */
export function tally(ledger: readonly LedgerEntry[], chains: readonly StoredChain[]): string[] {
  const began = ledger.filter(({ what }) => what === 'began');
  const effects = ledger.filter(({ what }) => what === 'effect');
  const keys = new Set(effects.map(({ idempotencyKey }) => idempotencyKey));
  const runs = groupBy(began, ({ chain, step }) => `${chain} ${step}`);
  const most = Math.max(0, ...[...runs.values()].map(({ length }) => length));
  const outcomes = groupBy(
    chains.flatMap(({ history }) => history),
    ({ outcome }) => outcome,
  );
  const counts = [...outcomes].map(([outcome, all]) => `${all.length} ${outcome}`);
  return [
    `${runs.size} steps; handlers ran ${began.length} times, so ${began.length - runs.size} re-runs, at most ${most} runs of one step.`,
    `${effects.length} effects in the ledger, ${keys.size} after deduplication by idempotency key.`,
    `Transitions: ${counts.join(', ')}.`,
  ];
}
