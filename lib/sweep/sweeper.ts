import pMap from 'p-map';
import { dueShards, readLock } from '../datastore/lock-properties.js';
import type { EntityProto } from '../google/datastore-api.js';
import type { Lock } from '../lock/lock.js';
import { isForeign } from '../lock/recover.js';
import type { Clock } from '../system/clock.js';
import type { Healer } from './healer.js';
import type { Collection, LockIndex, Page } from './lock-index.js';
import { reportOf, type SweepReport, type Swept } from './sweep-report.js';

/** How many locks are read at once, how many are healed at once, and how many a sweep heals before it leaves the rest to the next. */
const limits = { page: 100, atOnce: 10, healed: 5_000 };

/** Finds what is overdue and has it healed. Several sweeps at once do no harm. Their cost grows with what is due. */
export class Sweeper {
  constructor(
    private readonly index: LockIndex,
    private readonly healer: Healer,
    private readonly clock: Clock,
    private readonly projectId: string,
  ) {}

  /** Goes through what is due in some collections, the oldest of each range first. */
  async sweep(collections: readonly Collection[]): Promise<SweepReport> {
    const now = this.clock.now();
    const swept: Swept[] = [];
    let latest = 0;
    for await (const entities of this.overdue(collections, now)) {
      for (const entity of entities) latest = Math.max(latest, now - (lockOf(entity)?.due ?? now));
      const heal = (entity: EntityProto) => this.healer.heal(entity);
      swept.push(...(await pMap(entities, heal, { concurrency: limits.atOnce })));
      if (swept.filter((one) => one !== 'skipped').length >= limits.healed) break;
    }
    return reportOf(swept, latest, await this.isOwing(collections));
  }

  private async *overdue(collections: readonly Collection[], until: number) {
    for (const where of collections)
      for (let shard = 0; shard < dueShards; shard++) {
        let from: Page['next'];
        do {
          const { entities, next } = await this.index.due(where, shard, until, limits.page, from);
          if (entities.length > 0) yield entities;
          from = next;
        } while (from);
      }
  }

  private async isOwing(collections: readonly Collection[]): Promise<boolean> {
    for (const where of collections) {
      let from: Page['next'];
      do {
        const page = await this.index.owing(where, from ? limits.page : 1, from);
        if (page.entities.some((entity) => !this.isForeign(entity))) return true;
        from = page.next;
      } while (from);
    }
    return false;
  }

  /** What was restored from another project owes nothing here, or its namespace would be swept for ever. */
  private isForeign(entity: EntityProto): boolean {
    const lock = lockOf(entity);
    return lock !== undefined && isForeign(lock, this.projectId);
  }
}

function lockOf(entity: EntityProto): Lock | undefined {
  try {
    return readLock(entity);
  } catch {
    // A lock that cannot be read is the healer's to report.
    return undefined;
  }
}
