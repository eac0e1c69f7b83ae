import { bytesOfName } from '../keys/key-bytes.js';
import { contention } from '../refusals.js';
import type { View } from '../storage/view.js';
import type { Isolation } from './isolation.js';
import type { ReadTarget, WriteTarget } from './read-target.js';
import type { Snapshots } from './snapshots.js';
import type { Transaction } from './transaction.js';

/** Nobody waits: a commit fails if anything its transaction has read would now read differently. */
export class OptimisticIsolation implements Isolation {
  constructor(private readonly snapshots: Snapshots) {}

  // oxlint-disable-next-line typescript/require-await -- so that a refusal is a rejection
  async read<Result>(
    transaction: Transaction,
    target: ReadTarget,
    use: (view: View) => Result,
  ): Promise<Result> {
    if (!transaction.readOnly) transaction.reads.push(target);
    return use(this.snapshots.viewOf(transaction));
  }

  // oxlint-disable-next-line typescript/require-await -- so that a refusal is a rejection
  async write<Result>(
    transaction: Transaction | undefined,
    target: WriteTarget<Result>,
  ): Promise<Result> {
    if (transaction && this.#isStale(transaction)) throw contention();
    return target.apply();
  }

  release(transaction: Transaction): void {
    this.snapshots.release(transaction);
  }

  #isStale(transaction: Transaction): boolean {
    if (transaction.snapshot === undefined) return false;
    const then = this.snapshots.viewOf(transaction);
    if (then.differences.size === 0) return false;
    const now = this.snapshots.latest();
    return transaction.reads.some((target) => differs(target, then, now));
  }
}

function differs({ keys, query }: ReadTarget, then: View, now: View): boolean {
  for (const key of keys) {
    const bytes = bytesOfName(key);
    if (then.get(bytes)?.version !== now.get(bytes)?.version) return true;
  }
  return query !== undefined && query.fingerprint(then) !== query.fingerprint(now);
}
