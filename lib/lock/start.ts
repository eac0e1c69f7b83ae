import { lookAt, timed } from './due.js';
import { remember } from './history.js';
import { Lock, type PlannedTask } from './lock.js';
import type { Terms } from './terms.js';

/** A wish to begin a run. */
export interface StartRequest {
  /** The new run's id. Random, and never written twice. */
  readonly run: string;
  readonly task: PlannedTask;
  readonly project: string;
  /** What a run that is under way means. */
  readonly onActive: 'reject' | 'join' | 'replace';
  /** The caller's own id of this start: it starts no second run while the one it started is stored. */
  readonly startId?: string | undefined;
}

/** What became of the wish: a new lock to store, the stored run as it is, or a refusal. */
export type Start =
  | { readonly outcome: 'started'; readonly lock: Lock }
  | { readonly outcome: 'joined'; readonly lock: Lock }
  | { readonly outcome: 'active'; readonly lock: Lock };

/** Decides whether a run begins on a lock. */
export function start(
  lock: Lock | undefined,
  request: StartRequest,
  now: number,
  terms: Terms,
): Start {
  if (lock && request.startId !== undefined && lock.startId === request.startId)
    return { outcome: 'joined', lock };
  if (lock?.active && request.onActive !== 'replace')
    return { outcome: request.onActive === 'join' ? 'joined' : 'active', lock };
  return { outcome: 'started', lock: begin(lock, request, now, terms) };
}

function begin(lock: Lock | undefined, request: StartRequest, now: number, terms: Terms): Lock {
  const { run, project, startId } = request;
  const task = timed(request.task, now);
  const begun = new Lock({
    run,
    task,
    project,
    startId,
    step: 1,
    timestamp: now,
    due: lookAt(Math.max(now, task.at ?? 0), terms),
  });
  const replaced = lock?.active ? lock : undefined;
  return replaced ? begun.with({ log: remember(replaced, 'replaced', now, terms) }) : begun;
}
