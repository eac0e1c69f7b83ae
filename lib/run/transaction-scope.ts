import type { Key } from '@google-cloud/datastore';
import { isComplete, keyText, keyToProto } from '../datastore/keys.js';
import type { Transaction } from '../datastore/transaction.js';
import type { HeldLease } from '../delivery/held-lease.js';
import type { NextOptions } from '../delivery/lease.js';
import type { EntityClasses, EntityKey } from '../entity/entity-classes.js';
import type { LockedEntity } from '../entity/entity-class.js';
import type { EntityTracker } from '../entity/entity-tracker.js';
import type { KeyProto, MutationProto } from '../google/datastore-api.js';
import { arrive, type ArrivalTag } from '../lock/arrive.js';
import type { Lock } from '../lock/lock.js';
import type { Terms } from '../lock/terms.js';
import { WrongEntityError } from '../locker.errors.js';
import type { EntityAddress } from '../datastore/entity-address.js';
import type { TaskPlanner } from '../tasks/task-planner.js';
import { deleting, Draft, saving } from './draft.js';
import type { LockerTransaction } from './locker-transaction.js';
import { OwnStep } from './own-step.js';
import { begin, type Starter, type StartOptions } from './starter.js';

/** What transactions work with. */
export interface ScopeTools {
  readonly tracker: EntityTracker;
  readonly classes: EntityClasses;
  readonly planner: TaskPlanner;
  readonly starter: Starter;
  readonly terms: Terms;
  readonly addressOf: (key: KeyProto) => EntityAddress;
}

/** One try of a transaction: collects what its function asks for, and turns it into writes. */
export class TransactionScope implements LockerTransaction {
  /** The step of the handler that the transaction belongs to, if it does. */
  readonly own: OwnStep | undefined;
  /** The runs that it begins, and those that were stored before, by key. */
  readonly started = new Map<KeyProto, { readonly run: string; readonly before: string }>();
  private readonly drafts = new Map<string, Draft>();

  constructor(
    private readonly transaction: Transaction,
    private readonly tools: ScopeTools,
    private readonly lease: HeldLease | undefined,
  ) {
    this.own = lease && new OwnStep(lease, tools.planner);
  }

  async get<E extends LockedEntity>(key: EntityKey<E>): Promise<E | undefined> {
    const draft = this.draft(key);
    const type = this.tools.classes.of(key);
    await this.read([draft]);
    if (draft.stored && !draft.isTouched)
      draft.instance ??= this.tools.tracker.load(type, draft.stored).instance;
    return draft.instance instanceof type ? draft.instance : undefined;
  }

  save<E extends LockedEntity>(key: EntityKey<E>, entity: E): void {
    const draft = this.draft(key);
    draft.instance = entity;
    draft.add(saving(this.tools.tracker.contentOf(entity, draft.key)));
    if (this.own && this.isOwn(draft.key)) draft.add(this.own.renewal());
  }

  delete(key: Key): void {
    const draft = this.draft(key);
    draft.instance = undefined;
    draft.add(deleting());
  }

  schedule<E extends LockedEntity>(
    key: EntityKey<E>,
    entity: E,
    task: string,
    options: StartOptions = {},
  ): void {
    const draft = this.draft(key);
    const text = keyText(draft.key);
    if (this.isOwn(draft.key))
      throw new WrongEntityError(
        `A handler scheduled its own ${text} in a transaction. Use next().`,
      );
    const address = this.tools.addressOf(draft.key);
    const request = this.tools.starter.request(address, task, options, this.lease);
    const save = saving(this.tools.tracker.contentOf(entity, draft.key));
    draft.instance = entity;
    draft.add((stage, now) => {
      const { lock, started } = begin(stage.lock, request, now, this.tools.terms, text);
      if (!started) return stage;
      this.started.set(draft.key, { run: request.run, before: stage.lock?.run ?? '' });
      return { ...save(stage, now), lock };
    });
  }

  arrive(key: Key, tag: ArrivalTag = {}): void {
    this.draft(key).add(({ entity, lock }, now) => ({
      entity,
      lock: (lock && arrive(lock, tag, now, this.tools.terms)) ?? lock,
    }));
  }

  next(task?: string, options?: NextOptions): void {
    this.ownStep('next').next(task, options);
  }

  complete(): void {
    this.ownStep('complete').complete();
  }

  /** Everything asked for, as writes; and the locks that they move, by key. */
  async result(): Promise<{ mutations: MutationProto[]; moved: Map<KeyProto, Lock> }> {
    if (this.own?.settle) this.draftOf(this.own.key).add(this.own.settle.operation);
    const touched = [...this.drafts.values()].filter((draft) => draft.isTouched);
    await this.read(touched);
    const moved = new Map<KeyProto, Lock>();
    const mutations: MutationProto[] = [];
    for (const draft of touched) {
      const result = draft.result(this.transaction.now);
      if (result.mutation) mutations.push(result.mutation);
      if (result.moved) moved.set(draft.key, result.moved);
    }
    return { mutations, moved };
  }

  /** What the instances have stored is no change of theirs any more. */
  committed(): void {
    for (const { instance } of this.drafts.values())
      if (instance) this.tools.tracker.stored(instance);
  }

  /** Where it can be seen whether the try took effect: a lease that it ended, runs that it began. */
  get traces(): readonly KeyProto[] {
    return [...(this.own?.settle ? [this.own.key] : []), ...this.started.keys()];
  }

  /** Whether a key is that of the handler's own entity. */
  isOwn(key: KeyProto): boolean {
    return this.own !== undefined && keyText(this.own.key) === keyText(key);
  }

  private async read(drafts: readonly Draft[]): Promise<void> {
    const unread = drafts.filter((draft) => !draft.isRead);
    if (unread.length === 0) return;
    const entities = await this.transaction.lookup(unread.map(({ key }) => key));
    for (const [index, draft] of unread.entries()) draft.found(entities[index]);
  }

  private draft(key: Key): Draft {
    const proto = keyToProto(key);
    if (!isComplete(proto))
      throw new WrongEntityError(
        `${keyText(proto)} has no id yet; a transaction needs complete keys.`,
      );
    return this.draftOf(proto);
  }

  private draftOf(key: KeyProto): Draft {
    const text = keyText(key);
    const draft = this.drafts.get(text) ?? new Draft(key);
    this.drafts.set(text, draft);
    return draft;
  }

  private ownStep(method: string): OwnStep {
    if (this.own) return this.own;
    throw new WrongEntityError(
      `${method}() in a transaction ends a handler's own step, and this code runs in no handler.`,
    );
  }
}
