import { readLock } from '../../../lib/datastore/lock-properties.js';
import type { Lock } from '../../../lib/lock/lock.js';
import type { Operation } from '../fleet/operation.js';
import type { Change } from '../google/simulated-datastore.js';
import { describe, name, type Commit, type Pair } from './commit.js';
import type { LeaseRules } from './lease-rules.js';
import type { Ledger } from './ledger.js';
import { lockChange } from './lock-change.js';
import { keepsOwn } from './own-properties.js';
import { Violation } from './violation.js';

/** Whose doing each change is, of those that people ask for. */
const whoMay = {
  cancelled: 'cancel',
  retried: 'retry',
  hastened: 'run now',
  'dispatched again': 'redispatch',
} as const;

/** How runs begin, how people end and resume them, and how children count at their parents. */
export class RunRules {
  constructor(
    private readonly ledger: Ledger,
    private readonly leases: LeaseRules,
  ) {}

  started({ key, before, after, by }: Commit): void {
    if (!after) return;
    // A start in doubt whose run was undone by a backup begins it once more.
    if (!this.ledger.setBack.has(key)) this.isFirst(key, before, after, by);
    this.ledger.runs.set(after.run, key);
    if (after.state !== 'ready' || after.step !== 1 || after.tries !== 0)
      throw new Violation('a run begins ready at step 1', `${key}: ${describe(after)}`);
    if (before?.active && !by?.start?.replaces)
      throw new Violation('only who said so replaces a run', `${key} by ${name(by)}`);
    if (before && before.leaseId !== '') this.leases.end(before, 'replaced');
    // Whoever starts anew over a failed run takes its alert with him: see the README.
    if (before?.state === 'failed') this.ledger.failedRuns.delete(before.run);
  }

  operated(change: keyof typeof whoMay, commit: Commit, { before, after }: Pair): void {
    const { by, key } = commit;
    keepsOwn(commit);
    if (by?.kind !== whoMay[change])
      throw new Violation('only who was asked operates', `${key} ${change} by ${name(by)}`);
    // In doubt, it is done once more to a run that a backup has brought back.
    if ((by.changes.get(change) ?? 0) > 0 && !by.wasUndone)
      throw new Violation('one call operates on one run', `${key} ${change} by ${name(by)}`);
    if (change === 'cancelled') {
      if (before.leaseId !== '') this.leases.end(before, 'cancelled');
      return;
    }
    if (after.step !== before.step || after.number <= before.number)
      throw new Violation(
        'a step that is dispatched by hand keeps its place, and its numbers go on',
        describe(after),
      );
    this.ledger.dispatchedByHand++;
    if (change === 'hastened' && before.leaseId !== '')
      throw new Violation('only a step that nobody holds is hastened', describe(before));
    if (change === 'dispatched again' && before.state === 'waiting')
      throw new Violation('a step that waits is not dispatched', describe(before));
    if (change !== 'retried') return;
    const record = this.ledger.step(after.run, after.step);
    record.starts = 0;
    record.free = 0;
    this.ledger.failedRuns.delete(after.run);
    this.ledger.alertedRuns.delete(after.run);
  }

  /** A child's arrival and its end are one: no child is counted twice, none that has not ended. */
  arrived(changes: readonly Change[], settled: readonly string[]): void {
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

  private isFirst(
    key: string,
    before: Lock | undefined,
    after: Lock,
    by: Operation | undefined,
  ): void {
    if (this.ledger.runs.has(after.run))
      throw new Violation(
        'a run id is never written twice',
        `run …${after.run.slice(-4)} on ${key}`,
      );
    if (by?.kind === 'start' && (by.changes.get('started') ?? 0) > 0)
      throw new Violation('one call starts one run', `${key} by ${name(by)}`);
    if (after.startId !== undefined && before?.startId === after.startId)
      throw new Violation('a start id starts one run', `${key}: ${after.startId}`);
  }
}
