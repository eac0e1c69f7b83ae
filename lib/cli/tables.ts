import Table from 'cli-table3';
import { keyText, keyToProto } from '../datastore/keys.js';
import type { Lock } from '../lock/lock.js';
import type { ChainView } from '../run/overview.js';

/** Lines between columns alone; no colours, for what is copied from a terminal. */
const style = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
};

/** Chains, a line each. */
export function chainTable(chains: readonly ChainView[]): string {
  const table = new Table({
    ...style,
    head: ['KEY', 'STATE', 'STEP', 'TASK', 'FAILED ATTEMPTS', 'DUE', 'CHANGED', 'ERROR'],
  });
  for (const { key, lock, isOverdue, seenAt } of chains) {
    const now = seenAt.getTime();
    table.push([
      keyText(keyToProto(key)),
      isOverdue ? `${lock.state}, overdue` : lock.state,
      lock.step > 0 ? lock.step : '',
      lock.task?.name ?? '',
      lock.tries,
      distance(lock.due, now),
      distance(lock.timestamp, now),
      firstLine(lock.error),
    ]);
  }
  return lines(table);
}

/** Everything about one chain. */
export function chainSheet(view: ChainView): string {
  const { key, lock, isOverdue, takeableAt } = view;
  const { task, holder } = lock;
  const now = view.seenAt.getTime();
  const rows: [string, string | number | undefined][] = [
    ['Key', keyText(keyToProto(key))],
    ['State', isOverdue ? `${lock.state}, overdue` : lock.state],
    ['Run', lock.run || undefined],
    ['Step', lock.step > 0 ? lock.step : undefined],
    ['Failed attempts', lock.tries],
    ['Task', task && `${task.name} in queue ${task.queue}`],
    ['Not before', moment(task?.at, now)],
    ['Lacks arrivals', lock.arrivals > 0 ? lock.arrivals : undefined],
    ['Held since', moment(holder?.since, now)],
    ['Held by', holder && `task ${holder.task ?? '?'} on ${holder.instance ?? '?'}`],
    ['May be taken over', moment(takeableAt?.getTime(), now)],
    ['Sweep looks', moment(lock.due, now)],
    ['Changed', moment(lock.timestamp, now)],
    ['Error', lock.error],
  ];
  const sheet = new Table(style);
  for (const [name, value] of rows) if (value !== undefined) sheet.push([name, value]);
  return [lines(sheet), ...history(lock)].join('\n\n');
}

function history({ history: entries }: Lock): string[] {
  if (entries.length === 0) return [];
  const table = new Table({ ...style, head: ['TIME', 'STEP', 'ATTEMPT', 'OUTCOME', 'TOOK'] });
  for (const { at, step, attempt, outcome, ms } of entries)
    table.push([
      new Date(at).toISOString(),
      step,
      attempt,
      outcome,
      ms === undefined ? '' : `${ms} ms`,
    ]);
  return [lines(table)];
}

function lines(table: { toString(): string }): string {
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function moment(ms: number | undefined, now: number): string | undefined {
  return ms === undefined ? undefined : `${new Date(ms).toISOString()} (${distance(ms, now)})`;
}

/** `5m ago`, `in 2h`; empty: no time. */
function distance(ms: number | undefined, now: number): string {
  if (ms === undefined) return '';
  const seconds = Math.round(Math.abs(ms - now) / 1_000);
  const text =
    seconds < 100
      ? `${seconds}s`
      : seconds < 6_000
        ? `${Math.round(seconds / 60)}m`
        : seconds < 172_800
          ? `${Math.round(seconds / 3_600)}h`
          : `${Math.round(seconds / 86_400)}d`;
  return ms > now ? `in ${text}` : `${text} ago`;
}

function firstLine(text = ''): string {
  const [line = ''] = text.split('\n');
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}
