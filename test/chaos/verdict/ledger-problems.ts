import { groupBy } from '../group-by.js';
import type { LedgerEntry } from '../ledger.js';
import { stepsOf } from '../names.js';
import type { StoredChain } from './evidence.js';

/** What is wrong with a chain's lines of the ledger, in the order in which they were written. */
export function ledgerProblems(chain: StoredChain, entries: readonly LedgerEntry[]): string[] {
  return [
    ...effectProblems(chain, entries),
    ...orderProblems(chain, entries),
    ...attemptProblems(entries),
  ];
}

/** Each step has one effect, when those with the same idempotency key count as one. */
function effectProblems({ kind }: StoredChain, entries: readonly LedgerEntry[]): string[] {
  const effects = groupBy(
    entries.filter(({ what }) => what === 'effect'),
    ({ step }) => step,
  );
  const problems: string[] = [];
  for (let step = 1; step <= stepsOf[kind]; step++) {
    const keys = new Set(effects.get(step)?.map(({ idempotencyKey }) => idempotencyKey));
    if (keys.size === 0) problems.push(`step ${step} had no effect`);
    if (keys.size > 1)
      problems.push(`step ${step} had its effect under ${keys.size} idempotency keys`);
    effects.delete(step);
  }
  for (const step of effects.keys()) problems.push(`there is no step ${step}, but it had effects`);
  return problems;
}

/** No handler of a step begins before the step before it was committed. */
function orderProblems({ history }: StoredChain, entries: readonly LedgerEntry[]): string[] {
  const problems: string[] = [];
  let latest = 0;
  for (const { what, step, attempt, at } of entries) {
    if (what !== 'began' || step <= latest) continue;
    if (step > latest + 1) problems.push(`step ${step} began before step ${step - 1}`);
    latest = step;
    const commit = history.find((past) => past.step === step - 1 && isCommit(past.outcome));
    if (commit && at < commit.at)
      problems.push(
        `step ${step}, attempt ${attempt} began ${commit.at - at} ms before step ${step - 1} was committed`,
      );
  }
  return problems;
}

/** One lease, one handler: every attempt of a step has a number of its own. */
function attemptProblems(entries: readonly LedgerEntry[]): string[] {
  const begun = groupBy(
    entries.filter(({ what }) => what === 'began'),
    ({ step, attempt }) => `attempt ${attempt} of step ${step}`,
  );
  return [...begun]
    .filter(([, times]) => times.length > 1)
    .map(([attempt, times]) => `${attempt} began ${times.length} times`);
}

function isCommit(outcome: string): boolean {
  return outcome === 'advanced' || outcome === 'waiting' || outcome === 'completed';
}
