import { array, assert, constantFrom, integer, oneof, property, record } from 'fast-check';
import { acquire } from '../../lib/lock/acquire.js';
import { renew, standing } from '../../lib/lock/lease.js';
import { Lock } from '../../lib/lock/lock.js';
import {
  alertSent,
  cancel,
  redispatch,
  releaseByHand,
  retry,
  runNow,
} from '../../lib/lock/operate.js';
import * as settles from '../../lib/lock/settle.js';
import { start } from '../../lib/lock/start.js';
import type { Terms } from '../../lib/lock/terms.js';
import { readLock, writeLock } from '../../lib/datastore/lock-properties.js';
import { describe, expect, it } from 'vitest';
import { delivery, minute, now, task, terms } from './locks.js';

/** What may happen to a lock next; each is told how much time has passed. */
const happenings = [
  'start',
  'join',
  'replace',
  'deliver',
  'deliver late',
  'deliver the wrong step',
  'renew',
  'advance',
  'wait',
  'complete',
  'release',
  'postpone',
  'hand back',
  'fail',
  'retry',
  'cancel',
  'run now',
  'release by hand',
  'dispatch again',
  'send the alert',
] as const;
type Happening = (typeof happenings)[number];

/** What makes a lock live long is likelier than what ends it. */
const event = record({
  what: oneof(
    { weight: 3, arbitrary: constantFrom<Happening>('start', 'advance', 'hand back', 'release') },
    { weight: 3, arbitrary: constantFrom<Happening>('deliver') },
    {
      weight: 1,
      arbitrary: constantFrom<Happening>('wait', 'run now', 'release by hand', 'dispatch again'),
    },
    { weight: 2, arbitrary: constantFrom(...happenings) },
  ),
  passed: integer({ min: 0, max: 20 * minute }),
});

const someTerms = record({
  maxRetries: integer({ min: 0, max: 3 }),
  maxPostpones: integer({ min: 0, max: 3 }),
  onLost: constantFrom('retry' as const, 'fail' as const),
});

/** A lock and everything that is done to it, with ids that are never given twice. */
class Life {
  lock = new Lock();
  now = now;
  private ids = 0;

  constructor(private readonly rules: Terms) {}

  happen(what: Happening, passed: number): void {
    this.now += passed;
    this.lock = this.next(what) ?? this.lock;
  }

  private next(what: Happening): Lock | undefined {
    const { lock, rules } = this;
    const settlement = { leaseId: lock.leaseId, now: this.now };
    const transitions: Record<Happening, () => Lock | undefined> = {
      start: () => this.begin('reject'),
      join: () => this.begin('join'),
      replace: () => this.begin('replace'),
      deliver: () => this.deliver(lock.step, lock.number),
      'deliver late': () => this.deliver(lock.step, lock.number - 1),
      'deliver the wrong step': () => this.deliver(lock.step + 1, 0),
      renew: () => renew(lock, this.now, rules),
      advance: () => settles.advance(lock, { ...task, delay: minute }, settlement, rules),
      wait: () => settles.wait(lock, task, { arrivals: 1, limit: minute }, settlement, rules),
      complete: () => settles.complete(lock, settlement, rules),
      release: () => settles.release(lock, 'no', settlement, rules),
      postpone: () => settles.postpone(lock, 'later', minute, settlement, rules),
      'hand back': () => settles.handBack(lock, settlement, rules),
      fail: () => settles.fail(lock, 'no', settlement, rules),
      retry: () => retry(lock, this.id(), this.now, rules),
      cancel: () => cancel(lock, this.id(), this.now, rules),
      'run now': () => runNow(lock, this.id(), this.now, rules),
      'release by hand': () => releaseByHand(lock, this.id(), this.now, rules),
      'dispatch again': () => redispatch(lock, this.id(), this.now, rules),
      'send the alert': () => alertSent(lock),
    };
    return mayHappen(what, lock) ? transitions[what]() : undefined;
  }

  private begin(onActive: 'reject' | 'join' | 'replace'): Lock {
    const request = { run: this.id(), task, project: 'p', onActive };
    return start(this.lock, request, this.now, this.rules).lock;
  }

  private deliver(step: number, number: number): Lock | undefined {
    const arrival = { ...delivery, run: this.lock.run, step, number, leaseId: this.id() };
    const verdict = acquire(this.lock, arrival, this.now, this.rules);
    return 'lock' in verdict ? verdict.lock : undefined;
  }

  private id(): string {
    this.ids += 1;
    return String(this.ids).padStart(32, '0');
  }
}

/** Renewals and settles are their holder's, an alert is a failed run's. */
function mayHappen(what: Happening, { state }: Lock): boolean {
  if (what === 'send the alert') return state === 'failed';
  const isHolders = happenings.indexOf(what) >= happenings.indexOf('renew');
  const isOperators = happenings.indexOf(what) >= happenings.indexOf('retry');
  return !isHolders || isOperators || state === 'held';
}

/** Lets locks live, and collects what is wrong between any two neighbouring moments of their lives. */
function wrongs(
  complaint: (before: Lock, after: Lock, rules: Terms, what: Happening) => boolean,
): string[] {
  const found: string[] = [];
  assert(
    property(someTerms, array(event, { minLength: 10, maxLength: 80 }), (own, events) => {
      const rules = { ...terms, ...own };
      const life = new Life(rules);
      for (const { what, passed } of events) {
        const before = life.lock;
        life.happen(what, passed);
        if (complaint(before, life.lock, rules, what))
          found.push(
            `${what}: ${before.state} ${before.step} -> ${life.lock.state} ${life.lock.step}`,
          );
      }
    }),
    { numRuns: 300, seed: 1 },
  );
  return found;
}

describe('whatever happens to a lock', () => {
  it('something is owed exactly while its due time is set', () => {
    const found = wrongs((_, { active, state, due }) =>
      active ? due === undefined : state !== 'failed' && due !== undefined,
    );
    expect(found).toEqual([]);
  });

  it('a run that has just failed owes its alert', () => {
    const found = wrongs(
      (before, after) =>
        before.state !== 'failed' && after.state === 'failed' && after.due === undefined,
    );
    expect(found).toEqual([]);
  });

  it('a step of a run moves on by one, and by its holder only', () => {
    const found = wrongs((before, after) => {
      if (after.run !== before.run || after.step === before.step || after.step === -1) return false;
      const { run, step, leaseId } = before;
      const isHolders =
        before.state === 'held' && standing(after, { run, step, leaseId }) === 'settled';
      return after.step !== before.step + 1 || !isHolders;
    });
    expect(found).toEqual([]);
  });

  it('no dispatch number of a step is used twice, and none is taken back', () => {
    const found = wrongs((before, after) => {
      if (after.run !== before.run || after.step !== before.step) return false;
      const isDueAgain = before.state !== 'ready' && after.state === 'ready';
      return (
        after.number < before.number + Number(isDueAgain) || after.firstNumber < before.firstNumber
      );
    });
    expect(found).toEqual([]);
  });

  it('whoever loses a lease by hand can settle nothing, and what was dispatched before is superseded', () => {
    const found = wrongs((before, after, _, what) => {
      if (what !== 'release by hand' || before.state !== 'held') return false;
      const { run, step, leaseId } = before;
      const isSuperseded = after.firstNumber === after.number && after.number > before.number;
      return (
        standing(after, { run, step, leaseId }) !== 'lost' ||
        after.tries !== before.tries + 1 ||
        after.state !== (after.end === 'failed' ? 'failed' : 'ready') ||
        (after.state === 'ready' && (!isSuperseded || after.task?.at === undefined))
      );
    });
    expect(found).toEqual([]);
  });

  it('no step is attempted more than maxRetries + 1 times', () => {
    const found = wrongs(
      (_, { tries, state }, { maxRetries }) => tries > maxRetries + Number(state === 'failed'),
    );
    expect(found).toEqual([]);
  });

  it('its lock is stored and read back as it is', () => {
    wrongs((_, lock) => {
      const stored = writeLock({ key: { path: [{ kind: 'Job', id: '1' }] } }, lock);
      expect(readLock(stored)).toEqual(lock);
      return false;
    });
  });

  it('every kind of thing happens', () => {
    const states = new Set<string>();
    wrongs((before, after) => {
      states.add(`${before.state} -> ${after.state}`);
      return false;
    });
    expect([...states]).toEqual(
      expect.arrayContaining([
        'idle -> ready',
        'ready -> held',
        'held -> ready',
        'held -> waiting',
        'waiting -> held',
        'held -> held',
        'held -> completed',
        'held -> failed',
        'held -> cancelled',
        'waiting -> ready',
        'failed -> ready',
        'completed -> ready',
        'cancelled -> ready',
      ]),
    );
  });
});
