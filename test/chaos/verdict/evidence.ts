import type { LedgerEntry } from '../ledger.js';
import type { ChainKind } from '../names.js';

/** One transition out of a lock's history. */
export interface Transition {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly step: number;
  readonly attempt: number;
  readonly outcome: string;
}

/** A chain as its entity tells it in the end. */
export interface StoredChain {
  readonly kind: ChainKind;
  readonly name: string;
  /** `missing`: there is no entity. */
  readonly state: string;
  /** Whether the lock says that something is owed. */
  readonly isOwing: boolean;
  /** The steps that handlers noted in the entity. */
  readonly trail: readonly number[];
  readonly history: readonly Transition[];
  /** Of a parent: the children that arrived, and whether it did not wait for all. */
  readonly arrived?: readonly string[];
  readonly timedOut?: boolean;
}

/** All that is known in the end. */
export interface Evidence {
  readonly chains: readonly StoredChain[];
  readonly ledger: readonly LedgerEntry[];
}

/** Something that must not be. */
export interface Problem {
  /** Undefined: it is no single chain's. */
  readonly chain: string | undefined;
  readonly what: string;
}
