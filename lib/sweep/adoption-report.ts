import type { Adoption } from '../lock/adopt.js';

/** What `LockerService.adopt()` did. */
export interface AdoptionReport {
  /** Entities that the Go library wrote last. */
  readonly seen: number;
  /** Of those, chains that sweeps look after from now on. */
  readonly adopted: number;
  /** Of those, chains that owe nothing: completed, or never begun. */
  readonly over: number;
  /** Of those, chains that were to be left as they are, or that a handler of this application has taken up meanwhile. */
  readonly left: number;
  /** Of those, chains that could not be adopted; the error log says why. */
  readonly failed: number;
}

/** What became of one lock. */
export type Adopted = Adoption['outcome'] | 'left' | 'failed';

/** The report of what became of some locks. */
export function reportOf(adopted: readonly Adopted[]): AdoptionReport {
  const count = (...outcomes: Adopted[]) => adopted.filter((one) => outcomes.includes(one)).length;
  return {
    seen: adopted.length,
    adopted: count('adopted'),
    over: count('over'),
    left: count('left', 'ours'),
    failed: count('failed'),
  };
}
