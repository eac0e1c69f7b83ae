import { readLock } from '../../../lib/datastore/lock-properties.js';
import type { Lock } from '../../../lib/lock/lock.js';
import type { Terms } from '../../../lib/lock/terms.js';
import type { Operation } from '../fleet/operation.js';
import type { Change } from '../google/simulated-datastore.js';
import type { Story } from '../world/story.js';
import { describe, name, readCommit, type Commit } from './commit.js';
import { LeaseRules } from './lease-rules.js';
import type { Ledger } from './ledger.js';
import { lockChange, type LockChange } from './lock-change.js';
import { keepsOwn, keepsTrail, writtenByOthers } from './own-properties.js';
import { RunRules } from './run-rules.js';
import { SettleRules } from './settle-rules.js';
import { Violation } from './violation.js';

/** Judges every commit by what was stored before it, what after it, and who made it. */
export class CommitWatch {
  private readonly leases: LeaseRules;
  private readonly settles: SettleRules;
  private readonly runs: RunRules;

  constructor(
    private readonly ledger: Ledger,
    terms: (lock: Lock) => Terms,
    private readonly now: () => number,
    /** By how much the clocks of two processes may differ, where Datastore does not tell its time. */
    private readonly skewMs: number,
    private readonly story: Story,
  ) {
    this.leases = new LeaseRules(ledger, terms, now, skewMs);
    this.settles = new SettleRules(ledger, this.leases, terms);
    this.runs = new RunRules(ledger, this.leases);
  }

  /** @throws Violation */
  committed(changes: readonly Change[], by: Operation | undefined): void {
    this.ledger.commits++;
    if (by?.kind === 'restore') return this.setBack(changes);
    const settled: string[] = [];
    for (const one of changes) {
      const commit = readCommit(one, by);
      const { key } = commit;
      const change = lockChange(commit.before, commit.after);
      this.story.tell('stored', () => `${key}: ${change}, now ${describe(commit.after)}`);
      this.judge(change, commit);
      if (commit.after) checkOwed(key, commit.after, this.ledger);
      if (dueWhenTakeable.has(change)) this.leases.isDueWhenTakeable(commit);
      if (change === 'advanced' || change === 'completed') settled.push(commit.before?.run ?? '');
      if (!by || change === 'unchanged') continue;
      by.changes.set(change, (by.changes.get(change) ?? 0) + 1);
      this.ledger.changed(key, by);
    }
    this.runs.arrived(changes, settled);
  }

  /** Somebody else's doing, not the library's: what came after is forgotten. What was due then is due again. */
  private setBack(changes: readonly Change[]): void {
    for (const { key, before, after } of changes) {
      const lock = after && readLock(after);
      this.story.tell('stored', () => `${key}: SET BACK, now ${describe(lock)}`);
      this.ledger.undo(key);
      if (lock) this.ledger.forgetFrom(lock.run, lock.step);
      const present = before && readLock(before);
      if (present && present.leaseId !== '') this.leases.end(present, 'set back');
      // Its alert was owed by what is no longer stored.
      if (present?.state === 'failed') this.ledger.failedRuns.delete(present.run);
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
    if (change === 'started') return this.runs.started(commit);
    if (change === 'deleted') return;
    if (change === 'unchanged') return writtenByOthers(commit);
    if (!before || !after) return;
    const lock = { before, after };
    switch (change) {
      case 'acquired':
        return this.leases.acquired(commit, lock);
      case 'taken over':
        return this.leases.takenOver(commit, lock);
      case 'renewed':
        this.leases.own(commit, lock, 'renewed');
        return keepsTrail(commit);
      case 'advanced':
      case 'completed':
        return this.settles.settledStep(change, commit, lock);
      case 'put back':
        return this.settles.putBack(commit, lock);
      case 'failed':
        return this.settles.failed(commit, lock);
      case 'cancelled':
      case 'retried':
      case 'hastened':
      case 'dispatched again':
        return this.runs.operated(change, commit, lock);
      case 'arrived':
        return keepsOwn(commit);
      case 'timed out':
      case 'looked after':
        if (by?.kind !== 'sweep' || this.now() < (before.due ?? 0) - this.skewMs)
          throw new Violation('the sweep looks at what is due', `${key}: ${describe(before)}`);
        return keepsOwn(commit);
      case 'alert sent':
        if (!this.ledger.alertedRuns.has(after.run))
          throw new Violation('a failed run owes its alert until it is sent', key);
        return keepsOwn(commit);
    }
  }
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
