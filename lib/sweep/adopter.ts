import pMap from 'p-map';
import { keyText } from '../datastore/keys.js';
import { readLock, writeLock } from '../datastore/lock-properties.js';
import type { Decided, LockStore, Stored } from '../datastore/lock-store.js';
import type { EntityClass, LockedEntity } from '../entity/entity-class.js';
import type { EntityTracker } from '../entity/entity-tracker.js';
import type { EntityProto } from '../google/datastore-api.js';
import { adopt } from '../lock/adopt.js';
import type { Terms } from '../lock/terms.js';
import type { Log } from '../system/log.js';
import type { TaskOptions } from '../tasks/plan-task.js';
import type { TaskPlanner } from '../tasks/task-planner.js';
import { reportOf, type Adopted, type AdoptionReport } from './adoption-report.js';
import type { Collection, LockIndex, Page } from './lock-index.js';

/** How the present step of an adopted chain is dispatched, should its own task be lost. */
export interface AdoptedTask extends Pick<TaskOptions, 'body' | 'form' | 'queue'> {
  /** A task's name, as given to `@LockedTask`. */
  readonly task: string;
}

/** Says how an entity's chain goes on; undefined: it is left as it is, such as one that others will wake. */
export type AdoptedTaskOf<E extends LockedEntity> = (entity: E) => AdoptedTask | undefined;

/** How many locks are read at once, and how many are adopted at once. */
const limits = { page: 100, atOnce: 10 };

/** Takes over what the Go library left held or parked, so that sweeps find it. */
export class Adopter {
  constructor(
    private readonly store: LockStore,
    private readonly index: LockIndex,
    private readonly tracker: EntityTracker,
    private readonly planner: TaskPlanner,
    private readonly log: Log,
    private readonly projectId: string,
    private readonly terms: Terms,
  ) {}

  /**
   * Goes through all entities of a kind that the Go library wrote last, each in a transaction of its own. What it has
   * adopted it leaves alone, so that it may be repeated after an interruption.
   *
   * @param patience milliseconds
   */
  async adopt<E extends LockedEntity>(
    type: EntityClass<E>,
    taskOf: AdoptedTaskOf<E>,
    { namespaces, patience }: { readonly namespaces: readonly string[]; readonly patience: number },
  ): Promise<AdoptionReport> {
    const adopted: Adopted[] = [];
    const one = (entity: EntityProto) => this.adoptOne(entity, type, taskOf, patience);
    for (const namespace of namespaces)
      for await (const entities of this.written({ namespace, kind: type.kind }))
        adopted.push(...(await pMap(entities, one, { concurrency: limits.atOnce })));
    const report = reportOf(adopted);
    this.log.log(`Adopted ${report.adopted} chains of ${type.kind} from the Go library`, {
      kind: type.kind,
      namespaces,
      ...report,
    });
    return report;
  }

  private async *written(where: Collection) {
    let from: Page['next'];
    do {
      const { entities, next } = await this.index.ofGo(where, limits.page, from);
      if (entities.length > 0) yield entities;
      from = next;
    } while (from);
  }

  private async adoptOne<E extends LockedEntity>(
    { key }: EntityProto,
    type: EntityClass<E>,
    taskOf: AdoptedTaskOf<E>,
    patience: number,
  ): Promise<Adopted> {
    try {
      return await this.store.decide(key ?? {}, (stored) =>
        this.decision(stored, type, taskOf, patience),
      );
    } catch (error) {
      const text = keyText(key ?? {});
      this.log.error(`${text} could not be adopted; it stays as it is`, { key: text, error });
      return 'failed';
    }
  }

  private decision<E extends LockedEntity>(
    { entity, now }: Stored,
    type: EntityClass<E>,
    taskOf: AdoptedTaskOf<E>,
    patience: number,
  ): Decided<Adopted> {
    const { key = {} } = entity ?? {};
    const chosen = entity && taskOf(this.tracker.load(type, entity).instance);
    if (!chosen) return { result: 'left' };
    const { task: name, ...options } = chosen;
    const task = this.planner.plan(key ?? {}, name, options);
    const request = { task, project: this.projectId, patience };
    const adoption = adopt(readLock(entity), request, now, this.terms);
    const write = 'lock' in adoption ? writeLock(entity, adoption.lock) : undefined;
    return { write, result: adoption.outcome };
  }
}
