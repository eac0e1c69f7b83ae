import { renew, standing } from '../../lib/lock/lease.js';
import { Lock, type LockFields } from '../../lib/lock/lock.js';
import {
  alertSent,
  cancel,
  redispatch,
  releaseByHand,
  retry,
  runNow,
} from '../../lib/lock/operate.js';
import {
  advance,
  complete,
  fail,
  handBack,
  postpone,
  release,
  wait,
} from '../../lib/lock/settle.js';
import { start, type StartRequest } from '../../lib/lock/start.js';
import { backoff } from '../../lib/lock/terms.js';
import { describe, expect, it } from 'vitest';
import { held, heldSilently, minute, now, ready, run, settlement, task, terms } from './locks.js';

const mine = (changes: Partial<LockFields> = {}) => held(1_000, { leaseId: 'mine', ...changes });
const two = { name: 'two', queue: 'slow', body: '{}' };

describe('every settle', () => {
  const settles: [string, (lock: Lock) => Lock][] = [
    ['advance', (lock) => advance(lock, two, settlement, terms)],
    ['wait', (lock) => wait(lock, two, { arrivals: 2, limit: minute }, settlement, terms)],
    ['complete', (lock) => complete(lock, settlement, terms)],
    ['release', (lock) => release(lock, 'no', settlement, terms)],
    ['postpone', (lock) => postpone(lock, 'later', 5_000, settlement, terms)],
    ['handBack', (lock) => handBack(lock, settlement, terms)],
    ['fail', (lock) => fail(lock, 'no', settlement, terms)],
  ];

  it.each(settles)('%s frees the lock, and says whose doing that was and when', (_, settle) => {
    const settled = settle(mine());
    expect(settled).toMatchObject({
      leaseId: '',
      holder: undefined,
      settledBy: 'mine',
      timestamp: now,
      missed: 0,
      run,
    });
    expect(settled.due !== undefined).toBe(settled.active || settled.state === 'failed');
  });

  it.each(settles)('%s is remembered, with the time since the lease was acquired', (_, settle) => {
    expect(settle(mine({ tries: 2 })).history).toMatchObject([
      { at: now, step: 3, attempt: 3, ms: 1_000 },
    ]);
  });

  it.each(settles)('%s gives a lock of the Go library its run', (_, settle) => {
    expect(settle(mine({ run: '', freshRun: 'fresh' }))).toMatchObject({
      run: 'fresh',
      freshRun: '',
    });
  });
});

describe('advance', () => {
  it('makes the next step due, with nothing of this one left', () => {
    const lock = mine({
      tries: 2,
      number: 4,
      firstNumber: 4,
      postponed: 1,
      timedOut: true,
      error: 'earlier',
    });
    expect(advance(lock, two, settlement, terms)).toMatchObject({
      state: 'ready',
      step: 4,
      tries: 0,
      task: two,
      number: 0,
      firstNumber: 0,
      postponed: 0,
      timedOut: false,
      error: undefined,
      due: now + minute,
    });
  });

  it.each([
    ['a delay counts from the settle', { delay: minute }],
    ['a time is kept', { at: now + minute }],
  ])('%s, and the sweep looks a minute after it', (_, timing) => {
    expect(advance(mine(), { ...two, ...timing }, settlement, terms)).toMatchObject({
      task: { at: now + minute },
      due: now + 2 * minute,
    });
  });

  it('does not let a time in the past make the step overdue', () => {
    const lock = advance(mine(), { ...two, at: now - minute }, settlement, terms);
    expect(lock.due).toBe(now + minute);
  });
});

const waiting = (lock: Lock, arrivals: number) =>
  wait(lock, two, { arrivals, limit: minute }, settlement, terms);

describe('wait', () => {
  it('waits for what is lacking, until its deadline', () => {
    expect(waiting(mine(), 2)).toMatchObject({
      state: 'waiting',
      step: 4,
      arrivals: 2,
      due: now + minute,
    });
  });

  it.each([
    ['fewer came early', -1, { state: 'waiting', arrivals: 1 }],
    ['all came early', -2, { state: 'ready', arrivals: 0 }],
    ['more came early, which stay', -3, { state: 'ready', arrivals: -1 }],
  ])('counts arrivals that came before: %s', (_, arrivals, expected) => {
    expect(waiting(mine({ arrivals }), 2)).toMatchObject(expected);
  });
});

describe('release', () => {
  it('runs the step again after its backoff, by a dispatch of its own', () => {
    expect(release(mine({ number: 1, firstNumber: 1 }), 'no', settlement, terms)).toMatchObject({
      state: 'ready',
      step: 3,
      tries: 1,
      error: 'no',
      number: 2,
      firstNumber: 2,
      task: { ...task, at: now + 10_000 },
      due: now + 10_000 + minute,
    });
  });

  it('fails the run with the last attempt', () => {
    expect(release(mine({ tries: 9 }), 'no', settlement, terms)).toMatchObject({ state: 'ready' });
    expect(release(mine({ tries: 10 }), 'no', settlement, terms)).toMatchObject({
      state: 'failed',
      tries: 11,
      due: now + minute,
    });
  });

  it('keeps the beginning of a long error', () => {
    const { error = '' } = release(mine(), 'x'.repeat(5_000), settlement, terms);
    expect(error).toHaveLength(1_000);
    expect(error.endsWith('x…')).toBe(true);
  });

  it('waits 10 s, doubled with every failure, up to 10 min', () => {
    const pauses = Array.from({ length: 10 }, (_, index) => backoff(terms.backoff, index + 1));
    expect(pauses.map((ms) => ms / 1_000)).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600, 600]);
  });
});

describe('postpone', () => {
  it('runs the step at its time without counting an attempt', () => {
    expect(postpone(mine({ tries: 2 }), 'later', 5_000, settlement, terms)).toMatchObject({
      state: 'ready',
      step: 3,
      tries: 2,
      postponed: 1,
      number: 1,
      firstNumber: 1,
      task: { at: now + 5_000 },
      due: now + 5_000 + minute,
    });
  });

  it('fails a step that has postponed itself too often', () => {
    expect(postpone(mine({ postponed: 2 }), 'later', 0, settlement, terms).state).toBe('ready');
    expect(postpone(mine({ postponed: 3 }), 'later', 0, settlement, terms)).toMatchObject({
      state: 'failed',
      error: 'Postponed more than 3 times: later',
    });
  });
});

describe('handBack', () => {
  it('runs the step at once, and counts nothing', () => {
    expect(handBack(mine({ tries: 2, postponed: 1 }), settlement, terms)).toMatchObject({
      state: 'ready',
      step: 3,
      tries: 2,
      postponed: 1,
      number: 1,
      firstNumber: 1,
      task: { at: now },
    });
  });
});

describe('complete', () => {
  it('leaves nothing due', () => {
    expect(complete(mine({ tries: 2, error: 'earlier' }), settlement, terms)).toMatchObject({
      state: 'completed',
      step: -1,
      tries: 0,
      task: undefined,
      error: undefined,
      due: undefined,
    });
  });
});

describe('start', () => {
  const request: StartRequest = { run: 'new', task: two, project: 'p', onActive: 'reject' };
  const begin = (lock: Lock | undefined, changes: Partial<StartRequest> = {}) =>
    start(lock, { ...request, ...changes }, now, terms);
  const fresh = { state: 'ready', step: 1, run: 'new', project: 'p', due: now + minute };

  it.each([
    ['nothing is stored', undefined],
    ['the lock is idle', new Lock()],
    ['the run is completed', ready({ step: -1, tries: 2, arrivals: -1 })],
    ['the run failed', ready({ end: 'failed', number: 4, firstNumber: 4, error: 'no' })],
    ['the run was cancelled', ready({ end: 'cancelled' })],
  ])('begins a run when %s, with nothing of an earlier one in it', (_, lock) => {
    const started = begin(lock);
    expect(started).toMatchObject({ outcome: 'started', lock: fresh });
    expect(started.lock).toEqual(begin(undefined).lock);
  });

  it.each([
    ['ready', ready()],
    ['waiting', ready({ arrivals: 1 })],
    ['held', held(0)],
    ['held, and to be taken', held(minute * 60)],
  ])('of a lock that is %s is rejected, joins or replaces', (_, lock) => {
    expect(begin(lock)).toEqual({ outcome: 'active', lock });
    expect(begin(lock, { onActive: 'join' })).toEqual({ outcome: 'joined', lock });
    const replaced = begin(lock, { onActive: 'replace' });
    expect(replaced).toMatchObject({ outcome: 'started', lock: { ...fresh, leaseId: '' } });
    expect(replaced.lock.history).toMatchObject([{ step: 3, outcome: 'replaced' }]);
  });

  it.each([
    ['active', ready({ startId: 's' })],
    ['completed', ready({ startId: 's', step: -1 })],
    ['failed', ready({ startId: 's', end: 'failed' })],
  ])('finds the run of its start id, when that is %s', (_, lock) => {
    expect(begin(lock, { startId: 's' })).toEqual({ outcome: 'joined', lock });
    expect(begin(lock, { startId: 's', onActive: 'replace' }).outcome).toBe('joined');
    expect(begin(lock, { startId: 'other', onActive: 'replace' }).outcome).toBe('started');
  });

  it('takes no run that was started without an id for its own', () => {
    expect(begin(ready({ step: -1 })).outcome).toBe('started');
  });
});

describe('retry', () => {
  it('goes on at the step that failed, with a number that was never used', () => {
    const failed = ready({
      end: 'failed',
      tries: 11,
      number: 10,
      firstNumber: 10,
      postponed: 2,
      task: { ...task, at: now - minute },
    });
    expect(retry(failed, 'op', now, terms)).toMatchObject({
      state: 'ready',
      step: 3,
      tries: 0,
      postponed: 0,
      number: 11,
      firstNumber: 11,
      task: { ...task, at: undefined },
      settledBy: 'op',
      due: now + minute,
    });
  });

  it.each([ready(), held(0), ready({ step: -1 }), ready({ end: 'cancelled' }), new Lock()])(
    'leaves alone what has not failed: $state',
    (lock) => {
      expect(retry(lock, 'op', now, terms)).toBeUndefined();
    },
  );
});

describe('cancel', () => {
  it.each([ready(), held(0), ready({ arrivals: 1 })])('ends a run that is $state', (lock) => {
    expect(cancel(lock, 'op', now, terms)).toMatchObject({
      state: 'cancelled',
      leaseId: '',
      due: undefined,
      settledBy: 'op',
      step: 3,
    });
  });

  it.each([ready({ step: -1 }), ready({ end: 'failed' }), ready({ end: 'cancelled' }), new Lock()])(
    'finds no run in a lock that is $state',
    (lock) => {
      expect(cancel(lock, 'op', now, terms)).toBeUndefined();
    },
  );
});

describe('run now', () => {
  const later = { task: { ...task, at: now + 60 * minute }, due: now + 61 * minute };

  it('makes a step due that is due later, and supersedes its task', () => {
    const lock = ready({ ...later, number: 2, firstNumber: 1, tries: 2, looks: 3, missed: 1 });
    expect(runNow(lock, 'op', now, terms)).toMatchObject({
      state: 'ready',
      step: 3,
      tries: 2,
      number: 3,
      firstNumber: 3,
      looks: 0,
      missed: 0,
      task: { ...task, at: undefined },
      settledBy: 'op',
      due: now + minute,
      timedOut: false,
      history: [{ at: now, step: 3, attempt: 3, outcome: 'hastened' }],
    });
  });

  it('lets a step that waits for arrivals go on without them', () => {
    expect(runNow(ready({ ...later, arrivals: 2 }), 'op', now, terms)).toMatchObject({
      state: 'ready',
      arrivals: 0,
      timedOut: true,
      number: 1,
      due: now + minute,
    });
  });

  it.each([held(0), ready({ step: -1 }), ready({ end: 'failed' }), new Lock()])(
    'finds nothing that waits in a lock that is $state',
    (lock) => {
      expect(runNow(lock, 'op', now, terms)).toBeUndefined();
    },
  );
});

describe('release by hand', () => {
  it('ends a lease as a failed attempt does, and its holder has lost it', () => {
    const lock = held(20_000, { tries: 1, number: 4, firstNumber: 2, settledBy: 'before' });
    const released = releaseByHand(lock, 'op', now, terms);
    expect(released).toMatchObject({
      state: 'ready',
      step: 3,
      tries: 2,
      number: 5,
      firstNumber: 5,
      leaseId: '',
      holder: undefined,
      settledBy: 'op',
      timestamp: now,
      task: { ...task, at: now + 20_000 },
      due: now + 20_000 + minute,
      history: [{ at: now, step: 3, attempt: 2, outcome: 'released', ms: 20_000 }],
    });
    expect(released?.error).toMatch(/released by hand/);
    expect(standing(released, { run, step: 3, leaseId: 'other' })).toBe('lost');
  });

  it.each([
    ['no attempt is left', held(0, { tries: 10 }), terms],
    ['a lost attempt is not to be repeated', held(0), { ...terms, onLost: 'fail' as const }],
  ])('fails the run when %s', (_, lock, rules) => {
    const failed = releaseByHand(lock, 'op', now, rules);
    expect(failed).toMatchObject({ state: 'failed', leaseId: '', due: now + minute });
    expect(failed?.tries).toBe(lock.tries + 1);
    expect(standing(failed, { run, step: 3, leaseId: 'other' })).toBe('lost');
  });

  it.each([ready(), ready({ arrivals: 1 }), ready({ step: -1 }), ready({ end: 'failed' })])(
    'finds no lease in a lock that is $state',
    (lock) => {
      expect(releaseByHand(lock, 'op', now, terms)).toBeUndefined();
    },
  );
});

describe('dispatching again', () => {
  it('gives a ready step another number, and leaves its time and the tasks before it', () => {
    const later = { ...task, at: now + 5 * minute };
    const lock = ready({ task: later, number: 4, firstNumber: 2, looks: 5, missed: 4 });
    expect(redispatch(lock, 'op', now, terms)).toMatchObject({
      state: 'ready',
      number: 5,
      firstNumber: 2,
      looks: 0,
      missed: 4,
      task: later,
      due: now + 6 * minute,
      settledBy: 'op',
    });
  });

  it('leaves a held lease to its holder, and when it may be taken', () => {
    const lock = held(0, { due: now + 2 * minute });
    const again = redispatch(lock, 'op', now, terms);
    expect(again).toMatchObject({ state: 'held', number: 1, due: now + 2 * minute });
    expect(standing(again, { run, step: 3, leaseId: 'other' })).toBe('held');
    expect(redispatch(held(0, { due: now - 1 }), 'op', now, terms)?.due).toBe(now + minute);
  });

  it.each([ready({ arrivals: 1 }), ready({ step: -1 }), ready({ end: 'failed' }), new Lock()])(
    'has nothing to dispatch for a lock that is $state',
    (lock) => {
      expect(redispatch(lock, 'op', now, terms)).toBeUndefined();
    },
  );
});

describe('a failed run', () => {
  it('owes nothing once its alert is sent', () => {
    expect(alertSent(ready({ end: 'failed' }))).toMatchObject({ state: 'failed', due: undefined });
  });
});

describe('a lease', () => {
  const lease = { run, step: 3, leaseId: 'mine' };

  it.each<[string, Lock | undefined, string]>([
    ['is held', mine(), 'held'],
    ['is lost with its entity', undefined, 'lost'],
    ['is lost to another holder', held(0), 'lost'],
    ['is lost to another run', mine({ run: 'b'.repeat(32) }), 'lost'],
    ['is lost to another step', mine({ step: 4 }), 'lost'],
    ['is settled', ready({ step: 4, settledBy: 'mine' }), 'settled'],
    ['is settled, in an ended lock too', ready({ step: -1, settledBy: 'mine' }), 'settled'],
    ['was settled, but others have settled since', ready({ step: 5, settledBy: 'x' }), 'lost'],
    ['is lost to a cancel', ready({ end: 'cancelled', settledBy: 'op' }), 'lost'],
  ])('%s', (_, lock, expected) => {
    expect(standing(lock, lease)).toBe(expected);
  });

  it('counts from its renewal, and may be taken a lease and the skew later', () => {
    expect(renew(mine(), now + 9, terms)).toMatchObject({
      timestamp: now + 9,
      leaseId: 'mine',
      due: now + 9 + minute + 5_000,
    });
    expect(renew(heldSilently(0), now + 9, terms).due).toBe(now + 9 + 10.5 * minute);
  });
});

describe('the state of a lock', () => {
  it.each<[string, Lock, boolean]>([
    ['idle', new Lock(), false],
    ['ready', ready(), true],
    ['waiting', ready({ arrivals: 1 }), true],
    ['ready', ready({ arrivals: -1 }), true],
    ['held', held(0), true],
    ['held', held(0, { arrivals: 1 }), true],
    ['held', held(0, { step: 0 }), true],
    ['completed', ready({ step: -1 }), false],
    ['failed', ready({ end: 'failed' }), false],
    ['cancelled', ready({ end: 'cancelled' }), false],
  ])('is %s', (state, lock, active) => {
    expect(lock.state).toBe(state);
    expect(lock.active).toBe(active);
  });
});

/** The steps that are remembered after five advances. */
const rememberedSteps = (historyLength: number) => {
  let lock = mine();
  for (let step = 0; step < 5; step++)
    lock = advance(lock, two, settlement, { ...terms, historyLength });
  return lock.history.map(({ step }) => step);
};

describe('the history', () => {
  it('drops the oldest, and can be turned off', () => {
    expect(rememberedSteps(20)).toEqual([3, 4, 5, 6, 7]);
    expect(rememberedSteps(2)).toEqual([6, 7]);
    expect(rememberedSteps(0)).toEqual([]);
  });

  it('leaves out what cannot be read, and is added to all the same', () => {
    const damaged = mine({ log: '{"at":1,"step":\n{"at":1}\n[]' });
    expect(damaged.history).toEqual([]);
    const advanced = advance(damaged, two, settlement, terms);
    expect(advanced.history.map(({ outcome }) => outcome)).toEqual(['advanced']);
  });
});
