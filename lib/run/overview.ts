import type { Key } from '@google-cloud/datastore';
import { keyFromProto, keyText } from '../datastore/keys.js';
import { readLock } from '../datastore/lock-properties.js';
import type { LockStore } from '../datastore/lock-store.js';
import type { EntityProto, KeyProto } from '../google/datastore-api.js';
import { takeableAt } from '../lock/due.js';
import type { Lock } from '../lock/lock.js';
import type { Terms } from '../lock/terms.js';
import { EntityNotFoundError } from '../locker.errors.js';
import type { LockIndex } from '../sweep/lock-index.js';
import type { Clock } from '../system/clock.js';
import { rangeOf } from './chain-range.js';
import type { ListOptions, ListState } from './list-options.js';

/** One chain as it stands. */
export interface ChainView {
  readonly key: Key;
  readonly lock: Lock;
  /** When that was so. */
  readonly seenAt: Date;
  /** Whether the sweep should have dealt with it by now. */
  readonly isOverdue: boolean;
  /** When the lease of a silent holder may be taken over; undefined: nobody holds one. */
  readonly takeableAt: Date | undefined;
}

/** Some chains, and where the list goes on; undefined: it is at its end. */
export interface ChainList {
  readonly chains: readonly ChainView[];
  readonly cursor: string | undefined;
}

/** Shows chains, by key or by state. */
export class Overview {
  constructor(
    private readonly store: LockStore,
    private readonly index: LockIndex,
    private readonly clock: Clock,
    private readonly terms: Terms,
  ) {}

  /** @throws EntityNotFoundError */
  async inspect(key: KeyProto): Promise<ChainView> {
    const { entity, lock } = await this.store.peek(key);
    if (!entity || !lock) throw new EntityNotFoundError(keyText(key));
    return this.view(key, lock);
  }

  /** Lists by the indexed properties of locks, or by keys; nothing else is read. */
  async list(options: ListOptions): Promise<ChainList> {
    const { state, limit = 50, reads = Number.POSITIVE_INFINITY } = options;
    const range = rangeOf(this.index, options, this.clock.now());
    const chains: ChainView[] = [];
    let from = options.cursor;
    let left = reads;
    do {
      const page = await range.page(Math.min(pageSize(state, limit), left), from);
      left -= page.entities.length;
      from = page.next;
      for (const [index, entity] of page.entities.entries()) {
        const view = this.viewOf(entity);
        if (!view || !isWanted(view, state)) continue;
        chains.push(view);
        const isLast = index === page.entities.length - 1;
        if (chains.length === limit) return { chains, cursor: isLast ? from : page.after(index) };
      }
    } while (from !== undefined && left > 0);
    return { chains, cursor: from };
  }

  private viewOf(entity: EntityProto): ChainView | undefined {
    const lock = readLock(entity);
    return lock && this.view(entity.key ?? {}, lock);
  }

  private view(key: KeyProto, lock: Lock): ChainView {
    const now = this.clock.now();
    return {
      key: keyFromProto(key),
      lock,
      seenAt: new Date(now),
      isOverdue: lock.due !== undefined && lock.due < now,
      takeableAt: lock.state === 'held' ? new Date(takeableAt(lock, this.terms)) : undefined,
    };
  }
}

/** Of what is filtered by what no index knows, many are read at once. */
function pageSize(state: ListState, limit: number): number {
  return state === 'ready' || state === 'waiting' || state === 'held'
    ? Math.max(limit, 100)
    : limit;
}

function isWanted({ lock, isOverdue }: ChainView, state: ListState): boolean {
  if (state === 'any' || state === 'owing') return true;
  return state === 'overdue' ? isOverdue : lock.state === state;
}
