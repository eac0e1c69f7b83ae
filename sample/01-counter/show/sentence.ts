import type { Event } from './event.js';
import { colour } from '../../surroundings/output.js';

/** What an event means, for somebody who sees it for the first time; undefined: nothing worth a line. */
export function sentenceOf(event: Event): string | undefined {
  const step = `step ${String(event.step).padStart(2)}`;
  switch (event.type) {
    case 'working':
      return undefined;
    case 'ran': {
      const isDone = event.outcome === 'advanced' || event.outcome === 'completed';
      const mark = isDone ? colour('green', '✔') : colour('red', '✘');
      const took = `attempt ${event.attempt}  ${String(event.ms).padStart(4)} ms`;
      const by = isDuplicate(event.task) ? `, run by the ${nameOf(event.task)}` : '';
      return `${mark} ${step}  ${took}  ${meaning(event.outcome)}${by}${because(event.reason)}`;
    }
    case 'turned-away': {
      const isBack = event.outcome === 'busy';
      const what = isBack
        ? `${colour('yellow', '↻')} ${step}  ${nameOf(event.task)} sent back to the queue`
        : `${colour('yellow', '✂')} ${step}  ${nameOf(event.task)} dropped`;
      return `${what}: ${event.outcome}${because(event.reason)}`;
    }
    case 'thrown-in':
      return `${colour('cyan', '⚑')} ${step}  throws two duplicates of task ${event.step + 1} into the queue: one now, one ${event.lateMs / 1_000} s late`;
  }
}

function isDuplicate(task: string): boolean {
  return task.startsWith('duplicate-');
}

function nameOf(task: string): string {
  if (!isDuplicate(task)) return 'task';
  return task.startsWith('duplicate-late-') ? 'late duplicate' : 'duplicate';
}

function meaning(outcome: string): string {
  if (outcome === 'advanced') return 'committed, next step scheduled';
  if (outcome === 'completed') return 'committed, run completed';
  return outcome;
}

function because(reason: string | undefined): string {
  return reason ? `, ${reason}` : '';
}
