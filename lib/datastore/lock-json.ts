import type { Holder, Lock, LockFields } from '../lock/lock.js';
import { JsonFields } from './json-fields.js';

/** The format of `lock_task`; a later one that cannot be read as this gets the next number. */
const version = 1;

/** Of a lock, what `lock_task` holds. */
export type TaskFields = Pick<
  LockFields,
  | 'task'
  | 'freshRun'
  | 'number'
  | 'firstNumber'
  | 'looks'
  | 'missed'
  | 'postponed'
  | 'arrivals'
  | 'timedOut'
  | 'project'
  | 'startId'
  | 'settledBy'
>;

export function writeTask(lock: Lock): string {
  return JSON.stringify({
    v: version,
    ...lock.task,
    number: lock.number || undefined,
    first: lock.firstNumber || undefined,
    looks: lock.looks || undefined,
    missed: lock.missed || undefined,
    postponed: lock.postponed || undefined,
    arrivals: lock.arrivals || undefined,
    timedOut: lock.timedOut || undefined,
    project: lock.project || undefined,
    freshRun: lock.freshRun || undefined,
    start: lock.startId,
    settled: lock.settledBy,
  });
}

export function readTask(json: string): TaskFields {
  const fields = new JsonFields(json);
  if (fields.number('v') !== version) throw new RangeError(`expected version ${version}`);
  const name = fields.text('name');
  return {
    task:
      name === undefined
        ? undefined
        : {
            name,
            queue: fields.text('queue') ?? '',
            body: fields.text('body'),
            type: fields.text('type'),
            at: fields.number('at'),
          },
    number: fields.number('number') ?? 0,
    firstNumber: fields.number('first') ?? 0,
    looks: fields.number('looks') ?? 0,
    missed: fields.number('missed') ?? 0,
    postponed: fields.number('postponed') ?? 0,
    arrivals: fields.number('arrivals') ?? 0,
    timedOut: fields.flag('timedOut'),
    project: fields.text('project') ?? '',
    freshRun: fields.text('freshRun') ?? '',
    startId: fields.text('start'),
    settledBy: fields.text('settled'),
  };
}

export function writeHolder(holder: Holder): string {
  return JSON.stringify(holder);
}

export function readHolder(json: string): Holder {
  const fields = new JsonFields(json);
  return {
    since: fields.number('since') ?? 0,
    renews: fields.flag('renews'),
    task: fields.text('task'),
    queue: fields.text('queue'),
    retryCount: fields.number('retryCount'),
    requestId: fields.text('requestId'),
    trace: fields.text('trace'),
    instance: fields.text('instance'),
  };
}
