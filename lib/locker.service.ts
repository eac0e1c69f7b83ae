import { Datastore, Key } from '@google-cloud/datastore';
import pMap from 'p-map';
import { isComplete, keyText, keyToProto } from './datastore/keys.js';
import type { Scheduled } from './delivery/lease.js';
import type { EntityClass, LockedEntity } from './entity/entity-class.js';
import type { EntityKey } from './entity/entity-classes.js';
import type { Locker, Realm } from './locker.js';
import { OptionError, WrongEntityError } from './locker.errors.js';
import type { TransactionWork } from './run/transactor.js';
import type { AdoptedTaskOf } from './sweep/adopter.js';
import type { AdoptionReport } from './sweep/adoption-report.js';
import type { SweepReport } from './sweep/sweep-report.js';
import { toMilliseconds, type Duration } from './system/duration.js';
import type { LockState } from './lock/lock.js';
import type { ChainCounts, CountOptions } from './run/census.js';
import type { Operated } from './run/operator.js';
import type { ListOptions } from './run/list-options.js';
import type { ChainList, ChainView } from './run/overview.js';
import type { StartOptions } from './run/starter.js';
import type { Vitals } from './run/vitals.js';

/** Where a key is, besides kind and id. */
export interface KeyOptions {
  /** Default: the ancestor's, else the default namespace. */
  readonly namespace?: string;
  /** The key's ancestor. Default: none. */
  readonly parent?: Key;
}

/** What is to be recovered. */
export interface RecoverOptions {
  /** Default: all of the option `namespaces`. */
  readonly namespaces?: readonly string[];
}

/** What is to be adopted, and when it is looked at. */
export interface AdoptOptions {
  /** Default: all of the option `namespaces`. */
  readonly namespaces?: readonly string[];
  /** How long tasks that the Go library created may still come by themselves. Default: the option `leaseTimeout`. */
  readonly patience?: Duration;
}

/** One of many steps to schedule. */
export interface ScheduleEntry extends StartOptions {
  readonly key: EntityKey;
  readonly entity: LockedEntity;
  readonly task: string;
}

/** Schedules steps, and reads and changes the entities that chains run on. */
export class LockerService {
  constructor(private readonly locker: Locker) {}

  /**
   * The key of an entity: a number or bigint is an id, a string a name. Without either the key is incomplete, and gets
   * its id when the entity is first scheduled.
   */
  key<E extends LockedEntity>(
    type: EntityClass<E>,
    id?: string | number | bigint,
    { parent, namespace = parent?.namespace }: KeyOptions = {},
  ): EntityKey<E> {
    this.locker.classes.add(type);
    const identifier = typeof id === 'bigint' ? Datastore.int(String(id)) : id;
    const own = identifier === undefined ? [type.kind] : [type.kind, identifier];
    const path = [...(parent?.serialized.path ?? []), ...own];
    return new Key({ path, ...(namespace && { namespace }) });
  }

  /** The entity under a key, with its lock; undefined: there is none. */
  get<E extends LockedEntity>(key: EntityKey<E>): Promise<E | undefined> {
    return this.locker.entities.get(this.locker.classes.of(key), keyToProto(key));
  }

  /**
   * Changes an entity in a transaction, for everybody who is not its step's handler: a save outside one would turn the
   * lock back. `change` runs again, on a fresh copy, when somebody else wrote the entity meanwhile.
   *
   * @throws EntityNotFoundError, ContentionError, OutcomeUnknownError
   */
  update<E extends LockedEntity>(
    key: EntityKey<E>,
    change: (entity: E) => void | Promise<void>,
  ): Promise<E> {
    return this.locker.entities.update(this.locker.classes.of(key), keyToProto(key), change);
  }

  /**
   * Stores an entity and schedules a step of it, all or nothing. On the entity that a handler was given this is
   * `lease.next()`; on any other it begins a run. One that `get` returned writes what was changed in it; a new one
   * replaces what is stored. It does not throw for what heals by itself: see `dispatched`.
   *
   * @param task a task's name, as given to `@LockedTask`
   * @throws RunActiveError, TaskRefusedError, WrongEntityError, OutcomeUnknownError; LeaseLostError of `lease.next()`
   */
  async schedule<E extends LockedEntity>(
    key: EntityKey<E>,
    entity: E,
    task: string,
    options: StartOptions = {},
  ): Promise<Scheduled> {
    const { starter, leases } = this.locker;
    const lease = this.leaseOf(key, entity);
    if (lease) return lease.next(task, options);
    await this.completeKey(key);
    return starter.start(
      this.locker.addressOf(keyToProto(key)),
      entity,
      task,
      options,
      leases.current,
    );
  }

  /**
   * Stores the entity that a handler was given and completes its run: the same as `lease.complete()`.
   *
   * @throws WrongEntityError for any other entity; the errors of `lease.complete()`
   */
  async complete<E extends LockedEntity>(key: EntityKey<E>, entity: E): Promise<void> {
    const lease = this.leaseOf(key, entity);
    if (!lease)
      throw new WrongEntityError(
        `complete() was given ${keyText(keyToProto(key))} outside of its step. Only the entity that a handler was given can be completed.`,
      );
    return lease.complete();
  }

  /**
   * Reads and writes several entities in one transaction, and ends the handler's own step in it if it likes. `work`
   * runs again, with fresh copies, when others conflict with it: let it change nothing but what it gets from `tx`, and
   * call nothing that takes long. What is owed is dispatched after the commit.
   *
   * @throws what `work` throws, and then nothing was written; LeaseLostError, RunActiveError, ContentionError
   * @throws OutcomeUnknownError after a commit that may have been applied, when it ends no step and begins no run
   */
  transact<T>(work: TransactionWork<T>): Promise<T> {
    return this.locker.transactor.transact(work, this.locker.leases.current);
  }

  /**
   * Schedules steps of many entities, several at a time, and reads the entries as it goes. All are tried. Inside a
   * handler a repeat of its step finds the runs that were started before; elsewhere give each entry a `startId`.
   *
   * @returns what became of each, in order
   * @throws AggregateError with what kept some from being scheduled, when all others have been
   */
  scheduleAll(
    entries: Iterable<ScheduleEntry> | AsyncIterable<ScheduleEntry>,
    { concurrency = 20 }: { readonly concurrency?: number } = {},
  ): Promise<Scheduled[]> {
    const schedule = ({ key, entity, task, ...options }: ScheduleEntry) =>
      this.schedule(key, entity, task, options);
    return pMap(entries, schedule, { concurrency, stopOnError: false });
  }

  /** A chain as it stands: its lock, whether it is overdue. @throws EntityNotFoundError */
  inspect(key: Key): Promise<ChainView> {
    return this.locker.overview.inspect(keyToProto(key));
  }

  /** Lists the chains of a kind by state, page by page. */
  list(options: ListOptions): Promise<ChainList> {
    return this.locker.overview.list(options);
  }

  /** How many chains of a kind are how. What it costs is bounded, however many there are. */
  count(options: CountOptions): Promise<ChainCounts> {
    return this.locker.census.count(options);
  }

  /**
   * Whether chains can go on: what is overdue, whether the queues run, whether sweeps are to come. Nothing is written.
   *
   * @throws the error of Datastore or Cloud Tasks
   */
  vitals(): Promise<Vitals> {
    return this.locker.vitals.take();
  }

  /** How many attempts ended in this process in each of the last `seconds` seconds, at most 600, oldest first. */
  pace(seconds = 60): readonly number[] {
    return this.locker.pace.last(seconds);
  }

  /** Where the entities and the queues are. */
  get realm(): Realm {
    return this.locker.realm;
  }

  /** The kinds of entities that tasks take. */
  get kinds(): readonly string[] {
    return this.locker.kinds;
  }

  /** The namespaces whose entities are locked: the option `namespaces`. */
  get namespaces(): readonly string[] {
    return this.locker.namespaces;
  }

  /**
   * Lets a failed run go on at the step that failed, its attempts counted anew.
   *
   * @throws EntityNotFoundError, RunStateError, OutcomeUnknownError
   */
  retry(key: Key): Promise<Operated> {
    return this.locker.operator.retry(this.locker.addressOf(keyToProto(key)));
  }

  /**
   * Ends a run where it is. The signal of a running handler fires, and its settle is refused.
   *
   * @throws EntityNotFoundError, RunStateError, OutcomeUnknownError
   */
  cancel(key: Key): Promise<void> {
    return this.locker.operator.cancel(this.locker.addressOf(keyToProto(key)));
  }

  /**
   * Runs a step now that is due later: its time, its backoff or the arrivals it waits for are not waited for any more. A
   * step that waited for arrivals runs with `lease.timedOut`. Its task is dispatched anew; the one before is superseded.
   *
   * @throws EntityNotFoundError, RunStateError, OutcomeUnknownError
   */
  runNow(key: Key): Promise<Operated> {
    return this.locker.operator.runNow(this.locker.addressOf(keyToProto(key)));
  }

  /**
   * Takes the lease of a step from its holder, whose settle is refused from then on. That counts as a lost attempt: the
   * step is due again after its backoff, or the run fails, when no attempt is left or the task says `onLost: 'fail'`.
   * A handler that still runs may go on for a while beside the next attempt: outside of Datastore nothing holds it.
   * `leaseId` is the lease that is meant, as `inspect` told: `lock.leaseId`; without it, whichever is held.
   *
   * @returns also what became of the run: `ready` or `failed`
   * @throws EntityNotFoundError, RunStateError, OutcomeUnknownError
   */
  release(
    key: Key,
    { leaseId }: { readonly leaseId?: string } = {},
  ): Promise<Operated & { readonly state: LockState }> {
    return this.locker.operator.release(this.locker.addressOf(keyToProto(key)), leaseId);
  }

  /**
   * Creates the task of a ready or held step anew, beside one that may still be there; whichever comes first runs the
   * step. For a task that was lost; sweeps do the same by themselves.
   *
   * @throws EntityNotFoundError, RunStateError, OutcomeUnknownError
   */
  redispatch(key: Key): Promise<Operated> {
    return this.locker.operator.redispatch(this.locker.addressOf(keyToProto(key)));
  }

  /**
   * Finds what is overdue and has it done: after an outage, a purged queue, at start-up. Sweeps do the same by
   * themselves while anything is owed.
   *
   * @returns a report for each namespace
   */
  async recover({ namespaces = this.locker.namespaces }: RecoverOptions = {}): Promise<
    SweepReport[]
  > {
    const reports: SweepReport[] = [];
    for (const namespace of namespaces) reports.push(await this.locker.recovery.recover(namespace));
    return reports;
  }

  /**
   * Takes over the chains that the Go package `datastore-locker` left held or parked, so that one whose task is lost is
   * found by sweeps like any other. Once for each kind, after no process of the Go application runs any more, with its
   * queues still paused. What it has adopted it leaves alone, so it may be repeated.
   *
   * @param taskOf says which task carries an entity's present step, which Go did not store; undefined: the entity is left as
   * it is, such as a parent that its children will wake. A task that Go created, should it still come, goes first.
   * @throws OptionError; the error of Datastore that kept the search from its end
   * @example
   * ```ts
   * await locker.adopt(Counter, () => ({ task: 'counter.step' }));
   * ```
   */
  async adopt<E extends LockedEntity>(
    type: EntityClass<E>,
    taskOf: AdoptedTaskOf<E>,
    { namespaces = this.locker.namespaces, patience }: AdoptOptions = {},
  ): Promise<AdoptionReport> {
    const given = patience === undefined ? this.locker.leaseTimeout : toMilliseconds(patience);
    if (given === undefined)
      throw new OptionError(
        `adopt(): patience is ${patience}; expected a duration such as '10m30s'.`,
      );
    const unknown = namespaces.find((namespace) => !this.locker.namespaces.includes(namespace));
    if (unknown !== undefined)
      throw new OptionError(
        `adopt(): namespace "${unknown}" is none of the option namespaces. Add it there, or its tasks will be dropped.`,
      );
    return this.locker.adopter.adopt(type, taskOf, { namespaces, patience: given });
  }

  /** The lease that an entity was handed out with; its key must go with it, and no other object may take its place. */
  private leaseOf(key: Key, entity: LockedEntity) {
    const { leases } = this.locker;
    const text = keyText(keyToProto(key));
    const lease = leases.of(entity);
    const leased = lease ?? leases.current;
    const isItsKey = leased !== undefined && keyText(keyToProto(leased.key)) === text;
    if (lease && !isItsKey)
      throw new WrongEntityError(
        `The entity of ${keyText(keyToProto(lease.key))} was given with the key ${text}. Give it with its own.`,
      );
    if (!lease && isItsKey)
      throw new WrongEntityError(
        `A handler scheduled its own ${text} with another object. Use the entity that it was given.`,
      );
    return lease;
  }

  private async completeKey(key: Key): Promise<void> {
    const proto = keyToProto(key);
    if (isComplete(proto)) return;
    if (this.locker.leases.current)
      throw new WrongEntityError(
        `A handler scheduled ${keyText(proto)} without an id: if its step runs again, it would start another one. Give the key a name, made of lease.idempotencyKey for example.`,
      );
    key.id = await this.locker.entities.allocateId(proto);
  }
}
