import { type Claim, conflict } from './lock-conflicts.js';

/** Whoever holds or waits for locks: a transaction, or one write outside any. */
export type Owner = object;

export interface Waiting {
  readonly owner: Owner;
  readonly claim: Claim;
}

/** Who waits for whom. */
export class WaitGraph {
  readonly #blockers = new Map<Waiting, Set<Owner>>();
  readonly #edges = new Map<Owner, Set<Owner>>();

  /** `queue` in the order of arrival. */
  constructor(
    held: ReadonlyMap<Owner, readonly Claim[]>,
    private readonly queue: readonly Waiting[],
  ) {
    for (const request of queue) this.#add(request, held);
  }

  /** The first in the queue that waits for nobody. */
  ready<W extends Waiting>(queue: readonly W[]): W | undefined {
    return queue.find((request) => this.#blockers.get(request)?.size === 0);
  }

  /** Whether the owner waits, over others, for itself. */
  isDeadlocked(owner: Owner): boolean {
    return this.#waitsFor(owner, owner);
  }

  #add(request: Waiting, held: ReadonlyMap<Owner, readonly Claim[]>): void {
    const { owner, claim } = request;
    const blockers = new Set<Owner>();
    for (const [holder, claims] of held) {
      if (holder !== owner && claims.some((other) => conflict(claim, other))) blockers.add(holder);
    }
    for (const earlier of this.queue) {
      if (earlier === request) break;
      if (earlier.owner === owner || !conflict(claim, earlier.claim)) continue;
      // One who waits for me cannot come first: to wait for him too would be a deadlock of our own making.
      if (!this.#waitsFor(earlier.owner, owner)) blockers.add(earlier.owner);
    }
    this.#blockers.set(request, blockers);
    this.#edges.set(owner, new Set([...blockers, ...(this.#edges.get(owner) ?? [])]));
  }

  #waitsFor(from: Owner, target: Owner): boolean {
    const seen = new Set<Owner>();
    const toVisit = [...(this.#edges.get(from) ?? [])];
    for (let owner = toVisit.pop(); owner; owner = toVisit.pop()) {
      if (owner === target) return true;
      if (seen.has(owner)) continue;
      seen.add(owner);
      toVisit.push(...(this.#edges.get(owner) ?? []));
    }
    return false;
  }
}
