import { describe, expect, it } from 'vitest';
import { adopt } from '../../lib/lock/adopt.js';
import { Lock, type LockFields } from '../../lib/lock/lock.js';
import { recover } from '../../lib/lock/recover.js';
import { held, minute, now, ready, task, terms } from './locks.js';

const request = { task, project: 'p', patience: 5 * minute };
const timestamp = now - minute;
const lockOfGo = (fields: Partial<LockFields>) => new Lock({ timestamp, ...fields });

describe('a lock of the Go library', () => {
  it.each<[string, Lock, number]>([
    ['that waits for the task of its step', lockOfGo({ step: 3 }), now + 5 * minute],
    ['that waits for its first task, at step 0', lockOfGo({}), now + 5 * minute],
    [
      'whose holder is past its timeout',
      lockOfGo({ step: 3, leaseId: 'go', timestamp: now - 11 * minute }),
      now + 5 * minute,
    ],
    [
      'whose holder may still run',
      lockOfGo({ step: 3, leaseId: 'go' }),
      timestamp + terms.leaseTimeout,
    ],
    ['whose step has failed before', lockOfGo({ step: 3, tries: 4 }), now + 5 * minute],
  ])('%s is looked at when everybody has had their time', (_, lock, due) => {
    const adoption = adopt(lock, request, now, terms);
    expect(adoption).toEqual({ outcome: 'adopted', lock: lock.with({ task, project: 'p', due }) });
  });

  it.each<[string, Lock | undefined]>([
    ['that has completed', lockOfGo({ step: -1 })],
    ['on which nothing was scheduled', new Lock()],
    [
      'on which nothing was scheduled, with the zero time of Go',
      lockOfGo({ timestamp: -62135596800000 }),
    ],
    ['that is not there', undefined],
  ])('%s is left alone: nothing is owed', (_, lock) => {
    expect(adopt(lock, request, now, terms)).toEqual({ outcome: 'over' });
  });

  it.each<[string, Lock]>([
    ['is under way here', ready()],
    ['is held here', held(minute)],
    ['is held here without a run yet', held(minute, { run: '', freshRun: 'f'.repeat(32) })],
    ['was adopted before', lockOfGo({ step: 3, due: now + minute })],
    ['completed here', ready({ step: -1, due: undefined })],
  ])('that %s is left alone', (_, lock) => {
    expect(adopt(lock, request, now, terms)).toEqual({ outcome: 'ours' });
  });

  it('that waits for its first task, at step 0, is dispatched by the sweep once it is adopted', () => {
    const adoption = adopt(lockOfGo({}), { ...request, patience: 0 }, now - minute, terms);
    if (!('lock' in adoption)) throw new Error(adoption.outcome);
    const { lock } = adoption;
    const observation = { seen: lock, taskExists: false, project: 'p' };
    expect(recover(lock, observation, now, terms)).toMatchObject({
      action: 'dispatch',
      lock: { step: 0, number: 1, task },
    });
  });
});
