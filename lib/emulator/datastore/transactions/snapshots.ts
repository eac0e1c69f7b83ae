import type { Store } from '../storage/store.js';
import { View } from '../storage/view.js';
import type { Timeline } from '../timeline.js';
import type { Transaction } from './transaction.js';

/** Views for transactions that see the state of one moment, their first read. */
export class Snapshots {
  constructor(
    private readonly store: Store,
    private readonly timeline: Timeline,
  ) {}

  latest(): View {
    return View.latest(this.store, this.timeline.readTime());
  }

  viewOf(transaction: Transaction): View {
    if (transaction.snapshot === undefined) {
      transaction.snapshot = this.timeline.readTime();
      this.store.history.hold(transaction.snapshot);
    }
    return View.at(this.store, transaction.snapshot);
  }

  release({ snapshot }: Transaction): void {
    if (snapshot !== undefined) this.store.history.release(snapshot);
  }
}
