import { lookAt } from './due.js';
import type { Lock } from './lock.js';
import type { Terms } from './terms.js';

/** Which wait an arrival is meant for, as the parent told its children. */
export interface ArrivalTag {
  /** The parent's run. Default: whichever is under way. */
  readonly run?: string;
  /** The parent's step that its children were scheduled in. Default: any. */
  readonly step?: number;
}

/**
 * One arrival at a parent. Before the parent waits it is kept; the last one that a waiting parent lacks makes its step
 * ready. Undefined: nobody waits or will wait for it, because the run is another or over, or the wait has ended.
 */
export function arrive(lock: Lock, tag: ArrivalTag, now: number, terms: Terms): Lock | undefined {
  if (!lock.active || (tag.run !== undefined && tag.run !== lock.run)) return undefined;
  const isWaiting = lock.state === 'waiting';
  const origin = isWaiting ? lock.step - 1 : lock.step;
  if (tag.step !== undefined && tag.step !== origin) return undefined;
  const arrived = lock.with({ arrivals: lock.arrivals - 1 });
  if (!isWaiting || arrived.arrivals > 0) return arrived;
  return arrived.with({
    due: lookAt(Math.max(now, lock.task?.at ?? 0), terms),
    looks: 0,
    missed: 0,
  });
}
