import type { LockState } from 'nestjs-datastore-locker';
import type { Counters } from '../mapper/counters.js';
import type { StoredShard } from './archive.js';

/** What is known of a job after its end. */
export interface Evidence {
  readonly state: LockState;
  readonly counters: Counters;
  readonly shards: readonly StoredShard[];
}

/** What went wrong with a job that was to come to its end; none: it has counted what a plain scan counts. */
export function problemsOf({ state, counters, shards }: Evidence, scanned: Counters): string[] {
  const problems: string[] = [];
  if (state !== 'completed') problems.push(`The job is ${state}, not completed.`);
  for (const name of ['readings', 'frosts', 'tenths'] as const)
    if (counters[name] !== scanned[name])
      problems.push(`The job counted ${counters[name]} ${name}; a plain scan, ${scanned[name]}.`);
  const slices = shards.reduce((total, shard) => total + shard.slices, 0);
  if (slices <= shards.length) problems.push('No shard needed more than one slice.');
  return problems;
}

/** What went wrong with a job that was aborted; none: everything of it has ended, before its end. */
export function problemsOfAborted({ state, shards }: Evidence, total: number): string[] {
  const problems: string[] = [];
  if (state !== 'cancelled') problems.push(`The aborted job is ${state}, not cancelled.`);
  const running = shards.filter(({ isOver }) => !isOver).length;
  if (running > 0) problems.push(`${running} shards of the aborted job still run.`);
  const read = shards.reduce((sum, { readings }) => sum + readings, 0);
  if (read >= total) problems.push('The aborted job went on to its end.');
  return problems;
}
