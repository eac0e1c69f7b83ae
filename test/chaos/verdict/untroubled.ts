import type { LedgerEntry } from '../ledger.js';
import { childNames, stepsOf, type ChainKind, type ChainName } from '../names.js';
import type { Evidence, StoredChain, Transition } from './evidence.js';

/** When every made-up story begins, milliseconds since the epoch. */
export const beginning = 1_000_000;

/** The evidence of chains that nothing ever happened to: every step once, a second each, in the process 1. */
export function untroubled(...chains: readonly ChainName[]): Evidence {
  return {
    chains: chains.map(({ kind, name }) => stored(kind, name)),
    ledger: chains.flatMap(({ kind, name }) =>
      steps(kind).flatMap((step) => [
        line(name, step, 'began'),
        line(name, step, 'effect'),
        line(name, step, 'left'),
      ]),
    ),
  };
}

/** One line of a ledger: a step's handler begins a second after the last one did, and works for half of that. */
export function line(
  chain: string,
  step: number,
  what: LedgerEntry['what'],
  change: Partial<LedgerEntry> = {},
): LedgerEntry {
  const at = beginning + step * 1_000 + { began: 0, effect: 250, left: 500 }[what];
  return {
    at,
    what,
    chain,
    step,
    attempt: 1,
    idempotencyKey: `${chain}/${step}`,
    pid: 1,
    ...change,
  };
}

/** One transition of a history, shortly before the handler that made it ends. */
export function transition(step: number, outcome: string, change: Partial<Transition> = {}) {
  return { at: beginning + step * 1_000 + 400, step, attempt: 1, outcome, ...change };
}

function stored(kind: ChainKind, name: string): StoredChain {
  const onward = kind === 'parent' ? 'waiting' : 'advanced';
  const last = stepsOf[kind];
  return {
    kind,
    name,
    state: 'completed',
    isOwing: false,
    trail: steps(kind),
    history: steps(kind).map((step) => transition(step, step === last ? 'completed' : onward)),
    ...(kind === 'parent' && { arrived: childNames(name), timedOut: false }),
  };
}

function steps(kind: ChainKind): number[] {
  return Array.from({ length: stepsOf[kind] }, (_, index) => index + 1);
}
