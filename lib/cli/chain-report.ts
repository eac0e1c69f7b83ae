import { keyText, keyToProto } from '../datastore/keys.js';
import type { ChainView } from '../run/overview.js';

/** A chain for programs: plain values, times as ISO 8601. What does not apply is left out. */
export function chainReport({ key, lock, isOverdue, takeableAt }: ChainView) {
  const { state, run, step, tries, task, error, number, arrivals, holder } = lock;
  return {
    key: keyText(keyToProto(key)),
    state,
    run,
    ...(step > 0 && { step }),
    attempts: tries,
    ...(task && {
      task: { name: task.name, queue: task.queue, ...(task.at && { at: iso(task.at) }) },
      dispatch: number,
    }),
    ...(arrivals > 0 && { arrivals }),
    ...(holder && { holder: { ...holder, since: iso(holder.since) } }),
    ...(takeableAt && { takeableAt: takeableAt.toISOString() }),
    ...(lock.due !== undefined && { due: iso(lock.due) }),
    isOverdue,
    ...(lock.timestamp !== undefined && { changedAt: iso(lock.timestamp) }),
    ...(error !== undefined && { error }),
  };
}

/** As `chainReport`, with the history. */
export function chainReportWithHistory(view: ChainView) {
  const history = view.lock.history.map((entry) => ({ ...entry, at: iso(entry.at) }));
  return { ...chainReport(view), history };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
