import type { Lock } from '../../../lib/lock/lock.js';
import type { Terms } from '../../../lib/lock/terms.js';
import { describe, type Commit, type Pair } from './commit.js';
import type { LeaseRules } from './lease-rules.js';
import type { Ledger } from './ledger.js';
import { keepsOwn, storesItsStep } from './own-properties.js';
import { Violation } from './violation.js';

/** How a lease may end. */
export class SettleRules {
  constructor(
    private readonly ledger: Ledger,
    private readonly leases: LeaseRules,
    private readonly terms: (lock: Lock) => Terms,
  ) {}

  settledStep(change: 'advanced' | 'completed', commit: Commit, lock: Pair): void {
    const { before, after } = lock;
    const record = this.ledger.step(before.run, before.step);
    if (record.isCommitted)
      throw new Violation(
        'a step is committed at most once',
        `step ${before.step} of run …${before.run.slice(-4)} on ${commit.key}`,
      );
    record.isCommitted = true;
    this.leases.settled(commit, lock, change);
    if (change === 'advanced' && (after.tries !== 0 || after.leaseId !== ''))
      throw new Violation('the next step begins anew and free', describe(after));
    storesItsStep(commit, lock);
  }

  putBack(commit: Commit, lock: Pair): void {
    const { before, after } = lock;
    const { key } = commit;
    keepsOwn(commit);
    const isByHand = commit.by?.kind === 'release';
    const lease = isByHand ? undefined : this.leases.settled(commit, lock, 'put back');
    if (isByHand) this.leases.end(before, 'released by hand');
    if (isByHand && after.tries === before.tries)
      throw new Violation('an attempt that is released by hand counts', describe(after));
    if (lease?.handler === 'running')
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

  failed(commit: Commit, lock: Pair): void {
    const { before } = lock;
    keepsOwn(commit);
    this.ledger.failedRuns.add(before.run);
    const record = this.ledger.leases.get(before.leaseId);
    if (!record) throw new Violation('only a held step fails', describe(before));
    if (record.holder === commit.by) {
      this.leases.settled(commit, lock, 'failed');
      return;
    }
    if (commit.by?.kind !== 'release') this.leases.mayBeTaken(commit, before);
    const { onLost, maxRetries } = this.terms(before);
    if (onLost === 'retry' && before.tries < maxRetries)
      throw new Violation('a lost attempt is repeated while any are left', describe(before));
    this.leases.end(before, 'failed by another');
  }
}
