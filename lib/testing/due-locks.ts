import { dueShards, readLock } from '../datastore/lock-properties.js';
import { Transactions } from '../datastore/transactions.js';
import type { Emulator } from '../emulator/emulator.js';
import type { Settings } from '../settings/settings.js';
import { LockIndex, type Page } from '../sweep/lock-index.js';
import { systemEntropy } from '../system/entropy.js';

/** The last moment that Datastore can store. */
const endOfTime = Date.UTC(9999, 11, 31);

/** Knows when a sweep must look next, so that a test need not have one every minute. */
export class DueLocks {
  private readonly index: LockIndex;

  constructor(
    emulator: Emulator,
    private readonly settings: Settings,
    /** The kinds of entities that are locked. */
    private readonly kinds: () => readonly string[],
  ) {
    const { projectId, databaseId } = settings;
    const database = { api: emulator.datastore, projectId, databaseId, beginOnRead: true };
    const transactions = new Transactions(database, emulator.clock, systemEntropy);
    this.index = new LockIndex(database, transactions);
  }

  /** The earliest moment after `since` at which a lock is due, milliseconds since the epoch; undefined: nothing is owed. */
  async nextAt(since: number): Promise<number | undefined> {
    const collections = this.settings.namespaces.flatMap((namespace) =>
      this.kinds().map((kind) => ({ namespace, kind })),
    );
    let next: number | undefined;
    for (const where of collections)
      for (let shard = 0; shard < dueShards; shard++) {
        const due = await this.firstAfter(where, shard, since);
        if (due !== undefined) next = Math.min(due, next ?? due);
      }
    return next;
  }

  private async firstAfter(
    where: { namespace: string; kind: string },
    shard: number,
    since: number,
  ): Promise<number | undefined> {
    let from: Page['next'];
    do {
      const { entities, next } = await this.index.due(where, shard, endOfTime, 20, from);
      for (const entity of entities) {
        const due = readLock(entity)?.due;
        if (due !== undefined && due > since) return due;
      }
      from = next;
    } while (from);
    return undefined;
  }
}
