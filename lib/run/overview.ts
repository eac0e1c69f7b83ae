import type { Key } from '@google-cloud/datastore';
import { keyFromProto, keyText } from '../datastore/keys.js';
import { readLock } from '../datastore/lock-properties.js';
import type { LockStore } from '../datastore/lock-store.js';
import type { EntityProto, KeyProto } from '../google/datastore-api.js';
import { takeableAt } from '../lock/due.js';
import type { Lock } from '../lock/lock.js';
import type { Terms } from '../lock/terms.js';
import { EntityNotFoundError } from '../locker.errors.js';
import type { Collection, LockIndex, Page } from '../sweep/lock-index.js';
import type { Clock } from '../system/clock.js';

/** One chain as it stands. */
export interface ChainView {
  readonly key: Key;
  readonly lock: Lock;
  /** Whether the sweep should have dealt with it by now. */
  readonly isOverdue: boolean;
  /** When the lease of a silent holder may be taken over; undefined: nobody holds one. */
  readonly takeableAt: Date | undefined;
}

/** Which chains are listed. */
export interface ListOptions {
  readonly kind: string;
  /** `failed`: until they are retried or run anew. The others owe something: `overdue` is any of them that is late. */
  readonly state: 'failed' | 'overdue' | 'ready' | 'waiting' | 'held';
  /** Default: the default namespace. */
  readonly namespace?: string;
  /** How many at most. Default: 50. */
  readonly limit?: number;
  /** Where an earlier list ended. Default: the beginning. */
  readonly cursor?: string;
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

  /** Lists by the indexed properties of locks; nothing else is read. */
  async list({ kind, namespace = '', state, limit = 50, cursor }: ListOptions): Promise<ChainList> {
    const where: Collection = { kind, namespace };
    const chains: ChainView[] = [];
    let from: Page['next'] = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url');
    do {
      const missing = limit - chains.length;
      const page: Page =
        state === 'failed'
          ? await this.index.failed(where, missing, from)
          : await this.index.owing(where, missing, from);
      for (const entity of page.entities) {
        const view = this.viewOf(entity);
        const isWanted = state === 'overdue' ? view?.isOverdue : view?.lock.state === state;
        if (view && isWanted) chains.push(view);
      }
      from = page.next;
    } while (from && chains.length < limit);
    return { chains, cursor: from && Buffer.from(from).toString('base64url') };
  }

  private viewOf(entity: EntityProto): ChainView | undefined {
    const lock = readLock(entity);
    return lock && this.view(entity.key ?? {}, lock);
  }

  private view(key: KeyProto, lock: Lock): ChainView {
    return {
      key: keyFromProto(key),
      lock,
      isOverdue: lock.due !== undefined && lock.due < this.clock.now(),
      takeableAt: lock.state === 'held' ? new Date(takeableAt(lock, this.terms)) : undefined,
    };
  }
}
