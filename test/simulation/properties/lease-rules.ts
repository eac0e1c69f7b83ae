import type { Lock } from '../../../lib/lock/lock.js';
import type { Terms } from '../../../lib/lock/terms.js';
import { describe, name, type Commit, type Pair } from './commit.js';
import type { LeaseRecord, Ledger } from './ledger.js';
import { keepsOwn } from './own-properties.js';
import { Violation } from './violation.js';

/** Allowed between the clocks of two instances, milliseconds. */
const skewAllowance = 5_000;

/** Who may hold a step, from when, and what he alone may do. */
export class LeaseRules {
  constructor(
    private readonly ledger: Ledger,
    private readonly terms: (lock: Lock) => Terms,
    private readonly now: () => number,
    /** By how much the clocks of two processes may differ, where Datastore does not tell its time. */
    private readonly skewMs: number,
  ) {}

  acquired(commit: Commit, { before, after }: Pair): void {
    const { key, by } = commit;
    keepsOwn(commit);
    keepsNumbers(commit, { before, after });
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
    this.add(commit, after);
  }

  takenOver(commit: Commit, { before, after }: Pair): void {
    keepsOwn(commit);
    keepsNumbers(commit, { before, after });
    this.mayBeTaken(commit, before);
    if (after.tries !== before.tries + 1)
      throw new Violation('a lost attempt counts', `${commit.key}: ${describe(after)}`);
    if (after.tries > this.terms(before).maxRetries || this.terms(before).onLost === 'fail')
      throw new Violation('a step is not repeated beyond its attempts', describe(after));
    this.end(before, 'taken over');
    this.add(commit, after);
  }

  private add({ key, by }: Commit, { leaseId, run, step }: Lock): void {
    const earlier = this.ledger.leases.get(leaseId);
    // A delivery in doubt whether it has acquired may find its lease taken meanwhile, and acquire again.
    const isAgain = earlier?.holder === by && earlier?.handler === 'not started';
    if (earlier && !isAgain)
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
  own({ key, by }: Commit, { before }: Pair, how: string): LeaseRecord {
    const record = this.ledger.leases.get(before.leaseId);
    if (!record || record.holder !== by)
      throw new Violation(
        'only the holder of a lease writes under it',
        `${key} was ${how} by ${name(by)}; the lease is ${name(record?.holder)}'s`,
      );
    return record;
  }

  settled(commit: Commit, lock: Pair, how: string): LeaseRecord {
    const record = this.own(commit, lock, how);
    if (lock.after.settledBy !== lock.before.leaseId)
      throw new Violation('every settle leaves its id', `${commit.key}: ${describe(lock.after)}`);
    record.state = 'settled';
    return record;
  }

  end({ leaseId }: Lock, state: LeaseRecord['state']): void {
    const record = this.ledger.leases.get(leaseId);
    if (record) record.state = state;
  }

  mayBeTaken({ key, by }: Commit, before: Lock): void {
    const record = this.ledger.leases.get(before.leaseId);
    const holder = record?.holder;
    const { leaseDuration, leaseTimeout } = this.terms(before);
    // Of a holder that does not renew it may be known that its request has ended. A process takes its own lease for ended
    // that it has not seen granted yet; no handler can start under that any more.
    const isUnseen = record?.handler === 'not started' && holder?.process === by?.process;
    const hasEnded = isUnseen || (holder && this.ledger.hasEnded(holder));
    const known = !before.holder?.renews && hasEnded;
    const sooner = known ? leaseTimeout - leaseDuration : 0;
    const early = this.takeableAt(before) - sooner - this.now();
    if (early > this.skewMs)
      throw new Violation('no lease is taken before its time', `${key}, ${early} ms early`);
  }

  isDueWhenTakeable({ key, after }: Commit): void {
    if (after && after.due !== this.takeableAt(after))
      throw new Violation('a held step is due when it may be taken', `${key}: ${describe(after)}`);
  }

  private takeableAt(lock: Lock): number {
    const { leaseDuration, leaseTimeout } = this.terms(lock);
    const wait = lock.holder?.renews ? leaseDuration + skewAllowance : leaseTimeout;
    return (lock.timestamp ?? 0) + wait;
  }
}

function keepsNumbers({ key }: Commit, { before, after }: Pair): void {
  if (after.number !== before.number || after.firstNumber !== before.firstNumber)
    throw new Violation('an acquire keeps the numbers', `${key}: ${describe(after)}`);
}
