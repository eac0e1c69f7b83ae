import { readLock } from '../datastore/lock-properties.js';
import type { EntityProto } from '../google/datastore-api.js';
import type { Lock } from '../lock/lock.js';
import type { Collection, LockIndex, Page } from '../sweep/lock-index.js';
import type { Clock } from '../system/clock.js';

/** Which chains are counted. */
export interface CountOptions {
  readonly kind: string;
  /** Default: the default namespace. */
  readonly namespace?: string;
  /** How many of those that owe anything, and of those that failed, are read to tell more of them. Default: 200. */
  readonly reads?: number;
}

/** How many chains of a kind and namespace are how. */
export interface ChainCounts {
  readonly kind: string;
  readonly namespace: string;
  /** When they were counted. */
  readonly seenAt: Date;
  /** All that owe anything. Exact, as the next two are. */
  readonly owing: number;
  /** Of those, what the sweep should have dealt with by now. */
  readonly overdue: number;
  readonly failed: number;
  /** Of those that owe anything and were read: steps that are due, now or later. */
  readonly ready: number;
  /** The same: steps that wait for arrivals. */
  readonly waiting: number;
  /** The same: steps that run. */
  readonly held: number;
  /** Of the failed that were read: those of the last 24 hours. */
  readonly failedLately: number;
  /** Whether all were read; otherwise the last four numbers are the least there are. */
  readonly isComplete: boolean;
}

const day = 86_400_000;

/** Counts chains. What it costs is bounded: ten counts of an index, and two pages of entities. */
export class Census {
  constructor(
    private readonly index: LockIndex,
    private readonly clock: Clock,
  ) {}

  async count({ kind, namespace = '', reads = 200 }: CountOptions): Promise<ChainCounts> {
    const where: Collection = { kind, namespace };
    const now = this.clock.now();
    const [counted, owing, failed] = await Promise.all([
      this.index.count(where, now),
      this.locks(reads, (limit, from) => this.index.owing(where, limit, from)),
      this.locks(reads, (limit, from) => this.index.failed(where, limit, from)),
    ]);
    const inState = (state: Lock['state']) => owing.filter((lock) => lock.state === state).length;
    return {
      kind,
      namespace,
      seenAt: new Date(now),
      ...counted,
      ready: inState('ready'),
      waiting: inState('waiting'),
      held: inState('held'),
      failedLately: failed.filter(({ timestamp = 0 }) => timestamp >= now - day).length,
      isComplete: owing.length >= counted.owing && failed.length >= counted.failed,
    };
  }

  private async locks(limit: number, read: ReadPage): Promise<Lock[]> {
    const locks: Lock[] = [];
    let from: Page['next'];
    let left = limit;
    do {
      const page = await read(left, from);
      locks.push(...page.entities.flatMap((entity) => lockOf(entity) ?? []));
      left -= page.entities.length;
      from = page.next;
    } while (from && left > 0);
    return locks;
  }
}

type ReadPage = (limit: number, from: Page['next']) => Promise<Page>;

function lockOf(entity: EntityProto): Lock | undefined {
  try {
    return readLock(entity);
  } catch {
    // A lock that cannot be read is the sweep's to report.
    return undefined;
  }
}
