import { lookAt, timed } from './due.js';
import { remember } from './history.js';
import type { Lock, LockFields, PlannedTask, StoredTask } from './lock.js';
import { backoff, type Terms } from './terms.js';

/** The commit that ends a lease: whose, and when, milliseconds since the epoch. */
export interface Settlement {
  readonly leaseId: string;
  readonly now: number;
}

/** How much of an error is kept, characters. */
const errorLength = 1_000;

/** The next step is due. */
export function advance(
  lock: Lock,
  planned: PlannedTask,
  settlement: Settlement,
  terms: Terms,
): Lock {
  const task = timed(planned, settlement.now);
  const at = Math.max(settlement.now, task.at ?? 0);
  return nextStep(lock, task, 'advanced', settlement, terms).with({ due: lookAt(at, terms) });
}

/** The next step waits for `arrivals`, at most for `limit` milliseconds; those that came early count. */
export function wait(
  lock: Lock,
  planned: PlannedTask,
  { arrivals, limit }: { readonly arrivals: number; readonly limit: number },
  settlement: Settlement,
  terms: Terms,
): Lock {
  const lacking = lock.arrivals + arrivals;
  if (lacking <= 0) return advance(lock, planned, settlement, terms).with({ arrivals: lacking });
  const task = timed(planned, settlement.now);
  return nextStep(lock, task, 'waiting', settlement, terms).with({
    arrivals: lacking,
    due: settlement.now + limit,
  });
}

/** The run is over. Nothing is owed any more. */
export function complete(lock: Lock, settlement: Settlement, terms: Terms): Lock {
  return settle(lock, 'completed', settlement, terms, {
    step: -1,
    tries: 0,
    task: undefined,
    error: undefined,
    due: undefined,
  });
}

/** The attempt failed: the step is due again after its backoff, or the run fails when no attempt is left. */
export function release(lock: Lock, error: string, settlement: Settlement, terms: Terms): Lock {
  const tries = lock.tries + 1;
  if (tries > terms.maxRetries) return fail(lock, error, settlement, terms);
  const pause = backoff(terms.backoff, tries);
  return again(lock, 'released', pause, settlement, terms).with({ tries, error: bounded(error) });
}

/** The step asked for another time. That is no failed attempt, but it is bounded in number. */
export function postpone(
  lock: Lock,
  reason: string,
  delay: number,
  settlement: Settlement,
  terms: Terms,
): Lock {
  const postponed = lock.postponed + 1;
  if (postponed > terms.maxPostpones)
    return fail(
      lock,
      `Postponed more than ${terms.maxPostpones} times: ${reason}`,
      settlement,
      terms,
    );
  return again(lock, 'postponed', delay, settlement, terms).with({
    postponed,
    error: bounded(reason),
  });
}

/** The instance is going; another one runs the step at once. */
export function handBack(lock: Lock, settlement: Settlement, terms: Terms): Lock {
  return again(lock, 'handed back', 0, settlement, terms);
}

/** This attempt was the last and the run failed. It owes its alert, so it stays due until that is sent. */
export function fail(lock: Lock, error: string, settlement: Settlement, terms: Terms): Lock {
  return settle(lock, 'failed', settlement, terms, {
    end: 'failed',
    tries: lock.tries + 1,
    error: bounded(error),
    due: settlement.now + terms.dispatchGrace,
  });
}

function nextStep(
  lock: Lock,
  task: StoredTask,
  outcome: string,
  settlement: Settlement,
  terms: Terms,
): Lock {
  return settle(lock, outcome, settlement, terms, {
    step: lock.step + 1,
    tries: 0,
    task,
    number: 0,
    firstNumber: 0,
    postponed: 0,
    error: undefined,
    timedOut: false,
  });
}

/** The same step once more, by a dispatch of its own: what was dispatched for it before is superseded. */
function again(
  lock: Lock,
  outcome: string,
  pause: number,
  settlement: Settlement,
  terms: Terms,
): Lock {
  const at = settlement.now + pause;
  const number = lock.number + 1;
  return settle(lock, outcome, settlement, terms, {
    task: lock.task && { ...lock.task, at },
    number,
    firstNumber: number,
    due: lookAt(at, terms),
  });
}

function settle(
  lock: Lock,
  outcome: string,
  { leaseId, now }: Settlement,
  terms: Terms,
  changes: Partial<LockFields>,
): Lock {
  return lock.with({
    ...changes,
    leaseId: '',
    holder: undefined,
    timestamp: now,
    looks: 0,
    missed: 0,
    settledBy: leaseId,
    run: lock.run || lock.freshRun,
    freshRun: '',
    log: remember(lock, outcome, now, terms),
  });
}

function bounded(error: string): string {
  return error.length <= errorLength ? error : `${error.slice(0, errorLength - 1)}…`;
}
