import type { Circumstances } from './circumstances.js';
import type { Decision } from './decisions/recorded-oracle.js';
import { replay, type Schedule } from './run-schedule.js';

/** Tries so many schedules, and is content with the smallest then. */
const mostTries = 2_000;

/**
 * Leaves out of a failing schedule whatever it does not need to break the same promise: first halves of its decisions,
 * then ever smaller parts, until no single one can go (delta debugging, Zeller 2002).
 */
export async function shrink(failing: Schedule, circumstances: Circumstances): Promise<Schedule> {
  const property = failing.violation?.property;
  let smallest = failing;
  let tries = 0;
  for (let size = Math.ceil(failing.decisions.length / 2); size >= 1;) {
    const smaller = await firstFailing(partsLeftOut(smallest.decisions, size));
    if (smaller) smallest = smaller;
    else size = size === 1 ? 0 : Math.ceil(size / 2);
    size = Math.min(size, smallest.decisions.length);
  }
  return replay(circumstances, smallest.decisions, true);

  async function firstFailing(candidates: Iterable<Decision[]>): Promise<Schedule | undefined> {
    for (const decisions of candidates) {
      if (tries++ >= mostTries) return undefined;
      const schedule = await replay(circumstances, decisions);
      const isSmaller = schedule.decisions.length < smallest.decisions.length;
      if (isSmaller && schedule.violation?.property === property) return schedule;
    }
    return undefined;
  }
}

function* partsLeftOut(decisions: readonly Decision[], size: number): Generator<Decision[]> {
  for (let from = 0; from < decisions.length; from += size)
    yield [...decisions.slice(0, from), ...decisions.slice(from + size)];
}
