import type { HistoryEntry } from '../lock/history.js';
import type { Lock } from '../lock/lock.js';

/** How a chain stands and how it came there, for somebody whose test has failed. */
export function lockSentence(key: string, lock: Lock): string {
  return `${key} is ${standing(lock)}.${errorOf(lock)} ${past(lock.history)}`;
}

function standing(lock: Lock): string {
  const { state, step, tries, task, due, arrivals } = lock;
  const of = `step ${step}${task ? ` (${task.name})` : ''}`;
  const after = tries > 0 ? `, after ${tries} failed ${tries === 1 ? 'attempt' : 'attempts'}` : '';
  switch (state) {
    case 'idle':
      return 'idle: nothing was ever scheduled';
    case 'completed':
    case 'cancelled':
      return state;
    case 'failed':
      return `failed at ${of}${after}`;
    case 'held':
      return `held: ${of} is running${after}`;
    case 'ready':
      return `ready for ${of}${at(task?.at)}${after}`;
    case 'waiting':
      return `waiting for ${arrivals} arrivals before ${of}${at(due)}`;
  }
}

function at(moment: number | undefined): string {
  return moment === undefined ? '' : `, due at ${new Date(moment).toISOString()}`;
}

function errorOf({ error }: Lock): string {
  return error === undefined ? '' : ` Its last error: ${JSON.stringify(error.split('\n')[0])}.`;
}

function past(history: readonly HistoryEntry[]): string {
  if (history.length === 0) return 'No step has ended yet.';
  const entries = history.map(
    ({ step, attempt, outcome }) => `step ${step}, attempt ${attempt}: ${outcome}`,
  );
  return `Its history: ${entries.join('; ')}.`;
}
