import type { LedgerEntry } from '../ledger.js';
import type { Incident } from '../trouble/incident.js';
import type { StoredChain } from './evidence.js';

/** A step that was held when its process was killed or stopped, and how long it took until it ran again. */
export interface Recovery {
  readonly chain: string;
  readonly step: number;
  readonly attempt: number;
  /** Milliseconds. */
  readonly ms: number;
}

/** What the process of an incident held, and when each of those steps ran again in another. */
export function recoveriesOf(
  incident: Incident,
  ledger: readonly LedgerEntry[],
  chains: ReadonlyMap<string, StoredChain>,
): Recovery[] {
  const begun = ledger.filter(({ what }) => what === 'began');
  return heldBy(incident, ledger, chains).flatMap(({ chain, step, attempt }) => {
    const again = begun.find(
      (entry) => entry.chain === chain && entry.step === step && entry.at > incident.at,
    );
    return again ? [{ chain, step, attempt, ms: again.at - incident.at }] : [];
  });
}

/**
 * When the first handler began that owes nothing to the time before an incident, milliseconds after it; undefined: none
 * did. One that began before its end had its lease already.
 */
export function firstBeginAfter(
  { at, until }: Incident,
  ledger: readonly LedgerEntry[],
): number | undefined {
  const next = ledger.find((entry) => entry.what === 'began' && entry.at > until);
  return next && next.at - at;
}

/** Handlers that had begun there, had not ended, and that nobody had followed yet. */
function heldBy(
  { pid, at }: Incident,
  ledger: readonly LedgerEntry[],
  chains: ReadonlyMap<string, StoredChain>,
): LedgerEntry[] {
  const running = new Map<string, LedgerEntry>();
  for (const entry of ledger) {
    if (entry.at > at) continue;
    const subject = `${entry.chain} ${entry.step}`;
    if (entry.what === 'began') running.set(subject, entry);
    if (entry.what === 'left' && running.get(subject)?.attempt === entry.attempt)
      running.delete(subject);
  }
  return [...running.values()].filter((entry) => entry.pid === pid && !wasOver(entry, at, chains));
}

/** Whether its step was committed already, or its lease lost, though the handler had not ended. */
function wasOver(
  { chain, step, attempt }: LedgerEntry,
  by: number,
  chains: ReadonlyMap<string, StoredChain>,
): boolean {
  const history = chains.get(chain)?.history ?? [];
  return history.some((past) => past.step === step && past.attempt === attempt && past.at <= by);
}
