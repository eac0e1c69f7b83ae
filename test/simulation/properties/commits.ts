import { isDeepStrictEqual } from 'node:util';
import { decodeProperties } from '../../../lib/datastore/decode.js';
import { isLockProperty, readLock } from '../../../lib/datastore/lock-properties.js';
import type { EntityProto } from '../../../lib/google/datastore-api.js';
import type { Lock } from '../../../lib/lock/lock.js';
import type { Settings } from '../../../lib/settings/settings.js';
import type { TaskDirectory } from '../../../lib/tasks/task-directory.js';
import type { Operation } from '../fleet/operation.js';
import type { Change } from '../google/simulated-datastore.js';
import { traceOf } from '../workload/chain.js';
import type { Story } from '../world/story.js';
import type { LeaseRecord, Ledger } from './ledger.js';
import { lockChange, type LockChange } from './lock-change.js';
import { Violation } from './violation.js';

/** One commit of one entity, read. */
interface Commit {
  readonly key: string;
  readonly before: Lock | undefined;
  readonly after: Lock | undefined;
  readonly own: {
    readonly before: Record<string, unknown>;
    readonly after: Record<string, unknown>;
  };
  readonly by: Operation | undefined;
}

/** Allowed between the clocks of two instances: DESIGN's own allowance. */
const skewAllowance = 5_000;

/** Judges every commit by what was stored before it, what after it, and who made it. */
export class CommitWatch {
  constructor(
    private readonly ledger: Ledger,
    private readonly settings: Settings,
    private readonly directory: TaskDirectory,
    private readonly now: () => number,
    /** By how much the clocks of two processes may differ, where Datastore does not tell its time. */
    private readonly skewMs: number,
    private readonly story: Story,
  ) {}

  /** @throws Violation */
  committed(changes: readonly Change[], by: Operation | undefined): void {
    this.ledger.commits++;
    if (by?.kind === 'restore') return this.setBack(changes);
    const settled: string[] = [];
    for (const { key, before, after } of changes) {
      const commit: Commit = {
        key,
        before: before && readLock(before),
        after: after && readLock(after),
        own: { before: ownOf(before), after: ownOf(after) },
        by,
      };
      const change = lockChange(commit.before, commit.after);
      this.story.tell('stored', () => `${key}: ${change}, now ${describe(commit.after)}`);
      this.judge(change, commit);
      if (commit.after) checkOwed(key, commit.after, this.ledger);
      if (dueWhenTakeable.has(change)) this.checkDueWhenTakeable(commit);
      if (change === 'advanced' || change === 'completed') settled.push(commit.before?.run ?? '');
      if (by && change !== 'unchanged') by.changes.set(change, (by.changes.get(change) ?? 0) + 1);
    }
    this.checkArrivals(changes, settled);
  }

  /** Somebody else's doing, not the library's: what came after is forgotten. What was due then is due again. */
  private setBack(changes: readonly Change[]): void {
    for (const { key, before, after } of changes) {
      const lock = after && readLock(after);
      this.story.tell('stored', () => `${key}: SET BACK, now ${describe(lock)}`);
      this.ledger.setBack.add(key);
      if (lock) this.ledger.forgetFrom(lock.run, lock.step);
      const present = before && readLock(before);
      if (present && present.leaseId !== '') this.endLease(present, 'set back');
    }
  }

  /** A caller was told that nothing was written. @throws Violation */
  saidNothingWritten(by: Operation): void {
    by.saidNothingWritten = true;
    const main = [...by.changes.keys()].filter((change) => !isFollowUp(change));
    if (main.length > 0 && !by.wasUndone)
      throw new Violation(
        'who is told that nothing was written finds nothing written',
        `${name(by)} had ${main.join(' and ')} ${by.key}`,
      );
  }

  private judge(change: LockChange, commit: Commit): void {
    const { before, after, by, key } = commit;
    if (by?.saidNothingWritten && change !== 'unchanged' && !isFollowUp(change))
      throw new Violation(
        'who is told that nothing was written finds nothing written',
        `${key} was ${change} by ${name(by)} afterwards`,
      );
    if (change === 'unlawful')
      throw new Violation(
        'a lock moves only as the protocol says',
        `${key}: from ${describe(before)} to ${describe(after)} by ${name(by)}`,
      );
    if (change === 'started') return this.started(commit);
    if (change === 'deleted') return;
    if (change === 'unchanged') return this.writtenByOthers(commit);
    if (!before || !after) return;
    const lock = { before, after };
    switch (change) {
      case 'acquired':
        return this.acquired(commit, lock);
      case 'taken over':
        return this.takenOver(commit, lock);
      case 'renewed':
        this.ownLease(commit, lock, 'renewed');
        return this.keepsTrail(commit);
      case 'advanced':
      case 'completed':
        return this.settledStep(change, commit, lock);
      case 'put back':
        return this.putBack(commit, lock);
      case 'failed':
        return this.failed(commit, lock);
      case 'cancelled':
      case 'retried':
        return this.operated(change, commit, lock);
      case 'arrived':
        return this.keepsOwn(commit);
      case 'timed out':
      case 'looked after':
        if (by?.kind !== 'sweep' || this.now() < (before.due ?? 0) - this.skewMs)
          throw new Violation('the sweep looks at what is due', `${key}: ${describe(before)}`);
        return this.keepsOwn(commit);
      case 'alert sent':
        if (!this.ledger.alertedRuns.has(after.run))
          throw new Violation('a failed run owes its alert until it is sent', key);
        return this.keepsOwn(commit);
    }
  }

  private started({ key, before, after, by }: Commit): void {
    if (!after) return;
    if (this.ledger.runs.has(after.run))
      throw new Violation(
        'a run id is never written twice',
        `run …${after.run.slice(-4)} on ${key}`,
      );
    this.ledger.runs.set(after.run, key);
    if (after.state !== 'ready' || after.step !== 1 || after.tries !== 0)
      throw new Violation('a run begins ready at step 1', `${key}: ${describe(after)}`);
    if (before?.active && !by?.start?.replaces)
      throw new Violation('only who said so replaces a run', `${key} by ${name(by)}`);
    if (by?.kind === 'start' && (by.changes.get('started') ?? 0) > 0)
      throw new Violation('one call starts one run', `${key} by ${name(by)}`);
    if (after.startId !== undefined && before?.startId === after.startId)
      throw new Violation('a start id starts one run', `${key}: ${after.startId}`);
    if (before && before.leaseId !== '') this.endLease(before, 'replaced');
    // Whoever starts anew over a failed run takes its alert with him: see the README.
    if (before?.state === 'failed') this.ledger.failedRuns.delete(before.run);
  }

  private acquired(commit: Commit, { before, after }: Pair): void {
    const { key, by } = commit;
    this.keepsOwn(commit);
    this.keepsStep(commit, { before, after });
    if (by?.kind !== 'deliver')
      throw new Violation('only deliveries acquire', `${key} by ${name(by)}`);
    const { task } = by;
    if (task?.run !== before.run || task.step !== before.step)
      throw new Violation(
        'no delivery acquires another step than its own',
        `${key} at ${describe(before)} by the task of run …${task?.run.slice(-4)} step ${task?.step}`,
      );
    if (task.number < before.firstNumber)
      throw new Violation('a superseded task acquires nothing', `${key} by number ${task.number}`);
    const at = before.task?.at ?? 0;
    // The task is created with the time that the lock says, and no queue delivers it earlier.
    if (before.state === 'ready' && this.now() < at && !this.ledger.setBack.has(key))
      throw new Violation('no step runs before its time', `${key} ${at - this.now()} ms early`);
    if (before.state === 'waiting' && this.now() < (before.due ?? 0) - this.skewMs)
      throw new Violation('a step that waits does not run', `${key}: ${describe(before)}`);
    this.lease(commit, after);
  }

  private takenOver(commit: Commit, { before, after }: Pair): void {
    this.keepsOwn(commit);
    this.keepsStep(commit, { before, after });
    this.mayBeTaken(commit, before);
    if (after.tries !== before.tries + 1)
      throw new Violation('a lost attempt counts', `${commit.key}: ${describe(after)}`);
    if (after.tries > this.terms(before).maxRetries || this.terms(before).onLost === 'fail')
      throw new Violation('a step is not repeated beyond its attempts', describe(after));
    this.endLease(before, 'taken over');
    this.lease(commit, after);
  }

  private settledStep(change: 'advanced' | 'completed', commit: Commit, lock: Pair): void {
    const { before, after } = lock;
    const record = this.ledger.step(before.run, before.step);
    if (record.isCommitted)
      throw new Violation(
        'a step is committed at most once',
        `step ${before.step} of run …${before.run.slice(-4)} on ${commit.key}`,
      );
    record.isCommitted = true;
    this.settledLease(commit, lock, change);
    if (change === 'advanced' && (after.tries !== 0 || after.leaseId !== ''))
      throw new Violation('the next step begins anew and free', describe(after));
    const expected = [...trailOf(commit.own.before), traceOf(before.run, before.step)];
    const { touched } = commit.own.after;
    if (
      !isDeepStrictEqual(trailOf(commit.own.after), expected) ||
      touched !== commit.own.before['touched']
    )
      throw new Violation(
        'a step stores its own changes and nobody else loses any',
        `${commit.key}: ${JSON.stringify(commit.own)}`,
      );
  }

  private putBack(commit: Commit, lock: Pair): void {
    const { before, after } = lock;
    const { key } = commit;
    this.keepsOwn(commit);
    const lease = this.settledLease(commit, lock, 'put back');
    if (lease.handler === 'running')
      throw new Violation(
        'no step is given back while its handler runs',
        `${key} ${describe(after)}`,
      );
    if (after.number <= before.number || after.firstNumber !== after.number)
      throw new Violation(
        'what was dispatched for a step that is put back is superseded',
        describe(after),
      );
    if (after.tries === before.tries) this.ledger.step(before.run, before.step).free++;
    else if (after.tries !== before.tries + 1)
      throw new Violation('a failed attempt counts once', describe(after));
    if (after.tries > this.terms(before).maxRetries)
      throw new Violation('a step is not repeated beyond its attempts', describe(after));
  }

  private failed(commit: Commit, lock: Pair): void {
    const { before } = lock;
    this.keepsOwn(commit);
    this.ledger.failedRuns.add(before.run);
    const record = this.ledger.leases.get(before.leaseId);
    if (!record) throw new Violation('only a held step fails', describe(before));
    if (record.holder === commit.by) {
      this.settledLease(commit, lock, 'failed');
      return;
    }
    this.mayBeTaken(commit, before);
    const { onLost, maxRetries } = this.terms(before);
    if (onLost === 'retry' && before.tries < maxRetries)
      throw new Violation('a lost attempt is repeated while any are left', describe(before));
    this.endLease(before, 'failed by another');
  }

  private operated(change: 'cancelled' | 'retried', commit: Commit, { before, after }: Pair): void {
    const { by, key } = commit;
    this.keepsOwn(commit);
    if (by?.kind !== (change === 'cancelled' ? 'cancel' : 'retry'))
      throw new Violation('only who was asked operates', `${key} ${change} by ${name(by)}`);
    if ((by.changes.get(change) ?? 0) > 0)
      throw new Violation('one call operates on one run', `${key} ${change} by ${name(by)}`);
    if (change === 'cancelled') {
      if (before.leaseId !== '') this.endLease(before, 'cancelled');
      return;
    }
    if (after.step !== before.step || after.number <= before.number)
      throw new Violation('a retried step keeps its place, and its numbers go on', describe(after));
    const record = this.ledger.step(after.run, after.step);
    record.starts = 0;
    record.free = 0;
    this.ledger.failedRuns.delete(after.run);
    this.ledger.alertedRuns.delete(after.run);
  }

  private writtenByOthers({ key, own, by }: Commit): void {
    const { trail: before } = own.before;
    if (isDeepStrictEqual(own.before, own.after)) return;
    const touched = Number(own.after['touched'] ?? 0) - Number(own.before['touched'] ?? 0);
    if (touched !== 1 || !isDeepStrictEqual(own.after['trail'], before))
      throw new Violation('others change what they meant to', `${key}: ${JSON.stringify(own)}`);
    const times = (by?.changes.get('touched') ?? 0) + 1;
    by?.changes.set('touched', times);
    if (times > 1) throw new Violation('one call writes once', `${key} by ${name(by)}`);
  }

  /** A child's arrival and its end are one: no child is counted twice, none that has not ended. */
  private checkArrivals(changes: readonly Change[], settled: readonly string[]): void {
    for (const { key, before, after } of changes) {
      const was = before && readLock(before);
      const is = after && readLock(after);
      if (!was || !is || lockChange(was, is) !== 'arrived') continue;
      const [child] = settled;
      if (is.arrivals !== was.arrivals - 1 || child === undefined)
        throw new Violation('an arrival counts one', `${key}: ${describe(is)}`);
      if (this.ledger.arrivedRuns.has(child))
        throw new Violation('no child is counted twice', `run …${child.slice(-4)} at ${key}`);
      this.ledger.arrivedRuns.add(child);
    }
  }

  private lease({ key, by }: Commit, { leaseId, run, step }: Lock): void {
    if (this.ledger.leases.has(leaseId))
      throw new Violation('a lease id is never written twice', `${key}: ${leaseId}`);
    this.ledger.leases.set(leaseId, {
      leaseId,
      key,
      run,
      step,
      holder: by,
      state: 'held',
      handler: 'not started',
    });
  }

  /** The fence: what a lease protects is written by its holder alone. */
  private ownLease({ key, by }: Commit, { before }: Pair, how: string): LeaseRecord {
    const record = this.ledger.leases.get(before.leaseId);
    if (!record || record.holder !== by)
      throw new Violation(
        'only the holder of a lease writes under it',
        `${key} was ${how} by ${name(by)}; the lease is ${name(record?.holder)}'s`,
      );
    return record;
  }

  private settledLease(commit: Commit, lock: Pair, how: string): LeaseRecord {
    const record = this.ownLease(commit, lock, how);
    if (lock.after.settledBy !== lock.before.leaseId)
      throw new Violation('every settle leaves its id', `${commit.key}: ${describe(lock.after)}`);
    record.state = 'settled';
    return record;
  }

  private endLease({ leaseId }: Lock, state: LeaseRecord['state']): void {
    const record = this.ledger.leases.get(leaseId);
    if (record) record.state = state;
  }

  private mayBeTaken({ key }: Commit, before: Lock): void {
    const holder = this.ledger.leases.get(before.leaseId)?.holder;
    const { leaseDuration, leaseTimeout } = this.terms(before);
    // Of a holder that does not renew it may be known that its request has ended.
    const known = !before.holder?.renews && holder && this.ledger.hasEnded(holder);
    const sooner = known ? leaseTimeout - leaseDuration : 0;
    const early = this.takeableAt(before) - sooner - this.now();
    if (early > this.skewMs)
      throw new Violation('no lease is taken before its time', `${key}, ${early} ms early`);
  }

  private checkDueWhenTakeable({ key, after }: Commit): void {
    if (after && after.due !== this.takeableAt(after))
      throw new Violation('a held step is due when it may be taken', `${key}: ${describe(after)}`);
  }

  private takeableAt(lock: Lock): number {
    const { leaseDuration, leaseTimeout } = this.terms(lock);
    const wait = lock.holder?.renews ? leaseDuration + skewAllowance : leaseTimeout;
    return (lock.timestamp ?? 0) + wait;
  }

  private keepsStep({ key }: Commit, { before, after }: Pair): void {
    if (after.number !== before.number || after.firstNumber !== before.firstNumber)
      throw new Violation('an acquire keeps the numbers', `${key}: ${describe(after)}`);
  }

  private keepsOwn({ key, own }: Commit): void {
    if (!isDeepStrictEqual(own.before, own.after))
      throw new Violation(
        `what a failed attempt changed is not stored`,
        `${key}: from ${JSON.stringify(own.before)} to ${JSON.stringify(own.after)}`,
      );
  }

  private keepsTrail({ key, own }: Commit): void {
    if (!isDeepStrictEqual(own.before['trail'], own.after['trail']))
      throw new Violation('a save stores what was done so far', `${key}: ${JSON.stringify(own)}`);
  }

  private terms(lock: Lock) {
    return this.directory.find(lock.task?.name ?? '')?.terms ?? this.settings.terms;
  }
}

interface Pair {
  readonly before: Lock;
  readonly after: Lock;
}

/** What an operation may still do after its main commit was refused. */
function isFollowUp(change: string): boolean {
  return ['alert sent', 'looked after', 'timed out'].includes(change);
}

/** After these a lock is held, and the sweep must look when it may be taken. */
const dueWhenTakeable: ReadonlySet<LockChange> = new Set(['acquired', 'taken over', 'renewed']);

/** The invariant: something is owed exactly while the sweep can find it. */
function checkOwed(key: string, lock: Lock, ledger: Ledger): void {
  const owes = lock.active || (lock.state === 'failed' && !ledger.alertedRuns.has(lock.run));
  const mayOwe = lock.active || lock.state === 'failed';
  const isDue = lock.due !== undefined;
  if ((owes && !isDue) || (isDue && !mayOwe))
    throw new Violation(
      'something is owed exactly while lock_due is set',
      `${key}: ${describe(lock)}`,
    );
}

function ownOf(entity: EntityProto | undefined): Record<string, unknown> {
  if (!entity) return {};
  const all = Object.entries(decodeProperties(entity));
  return Object.fromEntries(all.filter(([property]) => !isLockProperty(property)));
}

function trailOf({ trail }: Record<string, unknown>): readonly unknown[] {
  return Array.isArray(trail) ? trail : [];
}

function name(by: Operation | undefined): string {
  return by ? `${by.kind} ${by.number} in ${by.process}` : 'nobody';
}

/** A lock in a line. */
export function describe(lock: Lock | undefined): string {
  if (!lock) return 'none';
  const { state, run, step, tries, number, leaseId, arrivals } = lock;
  const parts = [
    `${state} run …${run.slice(-4)} step ${step}`,
    tries > 0 && `tries ${tries}`,
    number > 0 && `number ${number}`,
    leaseId !== '' && `lease …${leaseId.slice(-6)}`,
    arrivals !== 0 && `arrivals ${arrivals}`,
    lock.due === undefined && 'not due',
  ];
  return parts.filter(Boolean).join(', ');
}
