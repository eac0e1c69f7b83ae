import { isDeepStrictEqual } from 'node:util';
import type { Lock, LockFields } from '../../../lib/lock/lock.js';

/** What one commit did to a lock. */
export type LockChange =
  | 'unchanged'
  | 'started'
  | 'acquired'
  | 'taken over'
  | 'renewed'
  | 'advanced'
  | 'completed'
  /** Released, postponed or handed back: the same step once more. */
  | 'put back'
  | 'failed'
  | 'cancelled'
  | 'retried'
  | 'hastened'
  | 'dispatched again'
  | 'arrived'
  | 'looked after'
  /** Waits no longer. */
  | 'timed out'
  | 'alert sent'
  | 'deleted'
  | 'unlawful';

type Field = keyof LockFields;

/** The fields that each change of an unmoved lock may touch. */
const fieldsOf = {
  // An acquire whose answer was lost, made again, is a renewal too.
  renewed: ['timestamp', 'due', 'looks', 'missed'],
  'looked after': ['due', 'looks', 'missed', 'number'],
  arrived: ['arrivals', 'due', 'looks', 'missed'],
  'timed out': ['due', 'looks', 'missed', 'number', 'arrivals', 'timedOut'],
  'alert sent': ['due'],
  hastened: [
    'due',
    'looks',
    'missed',
    'number',
    'firstNumber',
    'settledBy',
    'task',
    'arrivals',
    'timedOut',
  ],
  'dispatched again': ['due', 'looks', 'missed', 'number', 'settledBy'],
} satisfies Partial<Record<LockChange, Field[]>>;

/** Tells from before and after alone what a commit did. What no rule of the protocol allows is unlawful. */
export function lockChange(before: Lock | undefined, after: Lock | undefined): LockChange {
  if (!after) return before?.active ? 'deleted' : 'unchanged';
  if (!before) return after.run === '' ? 'unchanged' : 'started';
  if (before.run !== after.run) return 'started';
  const changed = changedFields(before, after);
  if (changed.length === 0) return 'unchanged';
  const touches = (change: keyof typeof fieldsOf) => {
    const allowed: readonly Field[] = fieldsOf[change];
    return changed.every((field) => allowed.includes(field));
  };
  if (after.step !== before.step) return moved(before, after);
  if (!before.active)
    return before.state === 'failed' && after.state === 'ready'
      ? 'retried'
      : before.state === 'failed' && touches('alert sent') && after.due === undefined
        ? 'alert sent'
        : 'unlawful';
  if (after.end === 'failed') return 'failed';
  if (after.end === 'cancelled') return 'cancelled';
  if (before.leaseId === '' && after.leaseId !== '') return 'acquired';
  if (before.leaseId !== after.leaseId) return after.leaseId === '' ? 'put back' : 'taken over';
  if (changed.includes('settledBy')) {
    const operated = changed.includes('firstNumber') ? 'hastened' : 'dispatched again';
    return touches(operated) ? operated : 'unlawful';
  }
  if (after.timedOut && !before.timedOut && before.state === 'waiting')
    return touches('timed out') ? 'timed out' : 'unlawful';
  if (before.arrivals !== after.arrivals) return touches('arrived') ? 'arrived' : 'unlawful';
  if (before.leaseId !== '' && touches('renewed') && changed.includes('timestamp'))
    return 'renewed';
  return touches('looked after') ? 'looked after' : 'unlawful';
}

function moved(before: Lock, after: Lock): LockChange {
  if (!before.active) return 'unlawful';
  if (after.step === -1) return 'completed';
  return after.step === before.step + 1 && after.active ? 'advanced' : 'unlawful';
}

const ignored: readonly string[] = ['log', 'holder'] satisfies Field[];

function changedFields(before: Lock, after: Lock): Field[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].filter(
    (field): field is Field =>
      !ignored.includes(field) &&
      !isDeepStrictEqual(Reflect.get(before, field), Reflect.get(after, field)),
  );
}
