import { createHash } from 'node:crypto';
import { keyText } from '../datastore/keys.js';
import { writeLock } from '../datastore/lock-properties.js';
import type { Decided, LockStore, Stored } from '../datastore/lock-store.js';
import type { HeldLease } from '../delivery/held-lease.js';
import type { Scheduled } from '../delivery/lease.js';
import type { Obligations } from '../delivery/obligations.js';
import type { LockedEntity } from '../entity/entity-class.js';
import type { Content, EntityTracker } from '../entity/entity-tracker.js';
import type { KeyProto } from '../google/datastore-api.js';
import type { Lock } from '../lock/lock.js';
import { start, type StartRequest } from '../lock/start.js';
import type { Terms } from '../lock/terms.js';
import { OutcomeUnknownError, RunActiveError } from '../locker.errors.js';
import type { Entropy } from '../system/entropy.js';
import type { EntityAddress } from '../datastore/entity-address.js';
import type { TaskOptions } from '../tasks/plan-task.js';
import type { TaskPlanner } from '../tasks/task-planner.js';

/** How a run begins. */
export interface StartOptions extends TaskOptions {
  /**
   * What a run that is under way on the entity means: `'reject'` (default) throws `RunActiveError`, `'join'` returns
   * the run under way, `'replace'` ends it and starts anew.
   */
  readonly onActive?: 'reject' | 'join' | 'replace';
  /**
   * The caller's own id of this start: a repeat finds the run that the first call started, under way or ended, until
   * a later run begins. Default: none; inside a handler, one that a repeat of its step finds again.
   */
  readonly startId?: string;
}

/** Begins runs. */
export class Starter {
  constructor(
    private readonly store: LockStore,
    private readonly tracker: EntityTracker,
    private readonly planner: TaskPlanner,
    private readonly obligations: Obligations,
    private readonly entropy: Entropy,
    private readonly terms: Terms,
  ) {}

  /**
   * Stores an entity and begins a run on it, all or nothing; then dispatches its first step.
   *
   * @param within the lease of the handler that asks for it, if one does
   * @throws RunActiveError, TaskRefusedError, OutcomeUnknownError
   */
  async start(
    address: EntityAddress,
    entity: LockedEntity,
    name: string,
    options: StartOptions,
    within?: HeldLease,
  ): Promise<Scheduled> {
    const { key } = address;
    const request = this.request(address, name, options, within);
    const content = this.tracker.contentOf(entity, key);
    const decide = startDecision(key, content, request, this.terms);
    const { lock, started } = await this.store.decide(key, decide);
    if (started) this.tracker.stored(entity);
    const dispatched =
      lock.state !== 'ready' ||
      (await this.obligations.meet(address, lock, started ? 'first' : 'again'));
    return { run: lock.run, started, dispatched };
  }

  /** What is asked of a lock on which a run is to begin. @throws TaskRefusedError */
  request(
    { key, projectId }: EntityAddress,
    name: string,
    options: StartOptions,
    within?: HeldLease,
  ): StartRequest {
    return {
      run: this.entropy.id(),
      task: this.planner.plan(key, name, options, within?.queue),
      project: projectId,
      onActive: options.onActive ?? 'reject',
      startId: options.startId ?? (within && derivedStartId(within, key)),
    };
  }
}

/** After a commit of unknown outcome, the start is decided again only against the run it first saw, or its own. */
function startDecision(key: KeyProto, content: Content, request: StartRequest, terms: Terms) {
  let firstSeen: string | undefined;
  return ({ entity, lock, now, inDoubt }: Stored): Decided<{ lock: Lock; started: boolean }> => {
    const run = lock?.run ?? '';
    if (lock && run === request.run) return { result: { lock, started: true } };
    if (inDoubt && run !== firstSeen) throw new OutcomeUnknownError(keyText(key));
    firstSeen = run;
    const begun = begin(lock, request, now, terms, keyText(key));
    return {
      write: begun.started ? writeLock(content(entity), begun.lock) : undefined,
      result: begun,
    };
  };
}

/**
 * Begins a run on a lock, or finds the run that stands for it.
 *
 * @throws RunActiveError
 */
export function begin(
  lock: Lock | undefined,
  request: StartRequest,
  now: number,
  terms: Terms,
  key: string,
): { lock: Lock; started: boolean } {
  const decision = start(lock, request, now, terms);
  if (decision.outcome === 'active')
    throw new RunActiveError(key, decision.lock.run, decision.lock.step);
  return { lock: decision.lock, started: decision.outcome === 'started' };
}

/** A step that runs again finds the runs that its first attempt started. */
function derivedStartId(lease: HeldLease, key: KeyProto): string {
  return createHash('sha256')
    .update(`${lease.idempotencyKey}:${keyText(key)}`)
    .digest('hex');
}
