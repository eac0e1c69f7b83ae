import { acquire, type Delivery } from '../../lib/lock/acquire.js';
import { Lock } from '../../lib/lock/lock.js';
import type { Terms } from '../../lib/lock/terms.js';
import { describe, expect, it } from 'vitest';
import { delivery, held, heldSilently, minute, now, ready, run, task, terms } from './locks.js';

interface Row {
  readonly when: string;
  readonly lock: Lock | undefined;
  readonly delivery?: Partial<Delivery>;
  readonly terms?: Partial<Terms>;
  readonly verdict: object;
}

const stale = (owed: boolean) => ({ verdict: 'stale', owed });
const another = 'b'.repeat(32);
const skew = 5_000;
const lost: unknown = expect.stringContaining('lost');

const rows: Row[] = [
  { when: 'there is no entity, or it has no lock', lock: undefined, verdict: stale(false) },
  { when: 'the lock was never scheduled', lock: new Lock(), verdict: stale(false) },
  {
    when: 'the lock was never scheduled, and the task is one of the Go library',
    lock: new Lock(),
    delivery: { run: '', step: 0 },
    verdict: stale(false),
  },
  { when: 'the run differs', lock: ready({ run: another }), verdict: stale(false) },
  {
    when: 'the run differs, though everything else invites',
    lock: held(minute * 60, { run: another }),
    verdict: stale(false),
  },
  {
    when: 'a run is stored and the task has none',
    lock: ready(),
    delivery: { run: '' },
    verdict: stale(false),
  },
  {
    when: 'the task has a run and none is stored',
    lock: ready({ run: '' }),
    verdict: stale(false),
  },
  { when: 'the run is completed', lock: ready({ step: -1 }), verdict: stale(false) },
  {
    when: 'the run was cancelled at this step',
    lock: ready({ end: 'cancelled', due: undefined }),
    verdict: stale(false),
  },
  {
    when: 'the run failed at this step and owes its alert',
    lock: ready({ end: 'failed' }),
    verdict: stale(true),
  },
  {
    when: 'the run failed at this step and its alert was sent',
    lock: ready({ end: 'failed', due: undefined }),
    verdict: stale(false),
  },
  {
    when: 'the run failed at another step and owes its alert',
    lock: ready({ end: 'failed', step: 4 }),
    verdict: stale(false),
  },
  {
    when: 'the chain is at the next step, ready and untouched',
    lock: ready({ step: 4 }),
    verdict: stale(true),
  },
  {
    when: 'the chain is at the next step, which has failed once',
    lock: ready({ step: 4, tries: 1 }),
    verdict: stale(false),
  },
  {
    when: 'the chain is at the next step, held',
    lock: held(0, { step: 4 }),
    verdict: stale(false),
  },
  {
    when: 'the chain is at the next step, which waits for arrivals',
    lock: ready({ step: 4, arrivals: 1 }),
    verdict: stale(false),
  },
  {
    when: 'the chain is two steps further',
    lock: ready({ step: 5 }),
    verdict: stale(false),
  },
  {
    when: 'the entity has not come to the step',
    lock: ready({ step: 2 }),
    verdict: { verdict: 'ahead' },
  },
  {
    when: 'the entity is a step behind and its lease is to be taken',
    lock: held(minute * 60, { step: 2 }),
    verdict: { verdict: 'ahead' },
  },
  {
    when: 'the step waits for arrivals',
    lock: ready({ arrivals: 2 }),
    verdict: stale(false),
  },
  {
    when: 'the step waits for arrivals and its deadline is now',
    lock: ready({ arrivals: 2, due: now }),
    verdict: { verdict: 'acquired', lock: { timedOut: true, arrivals: 0 } },
  },
  {
    when: "the task's number is below the first valid one",
    lock: ready({ number: 2, firstNumber: 2 }),
    delivery: { number: 1 },
    verdict: { verdict: 'superseded', owed: true },
  },
  {
    when: "the task's number is below the first valid one and the step is held",
    lock: held(0, { number: 2, firstNumber: 2 }),
    delivery: { number: 1 },
    verdict: { verdict: 'superseded', owed: false },
  },
  {
    when: "the task's number is below the first valid one and the lease is to be taken",
    lock: held(minute * 60, { number: 2, firstNumber: 2 }),
    delivery: { number: 1 },
    verdict: { verdict: 'superseded', owed: false },
  },
  {
    when: "the task's number is below the present one, and valid",
    lock: ready({ number: 3, firstNumber: 1 }),
    delivery: { number: 1 },
    verdict: { verdict: 'acquired' },
  },
  {
    when: 'the step is free',
    lock: ready({ missed: 4 }),
    verdict: {
      verdict: 'acquired',
      lock: {
        state: 'held',
        leaseId: 'mine',
        timestamp: now,
        tries: 0,
        missed: 0,
        task,
        timedOut: false,
        holder: { since: now, renews: true },
        due: now + minute + skew,
      },
    },
  },
  {
    when: 'the step is free, and this holder will not renew',
    lock: ready(),
    delivery: { holder: { renews: false } },
    verdict: { verdict: 'acquired', lock: { due: now + 10.5 * minute } },
  },
  {
    when: 'this very lease holds it: the answer to its commit was lost',
    lock: held(5_000, { leaseId: 'mine' }),
    verdict: { verdict: 'acquired', lock: { timestamp: now, tries: 0 } },
  },
  {
    when: 'this very lease holds it, taken over: the answer to its commit was lost, and nobody was told',
    lock: held(5_000, {
      leaseId: 'mine',
      tries: 1,
      error: 'The attempt was lost: its holder neither settled nor renewed its lease.',
    }),
    verdict: { verdict: 'taken-over', lock: { timestamp: now, tries: 1 } },
  },
  {
    when: 'a holder that renews has been silent for a lease and the skew, less a moment',
    lock: held(minute + skew - 1),
    verdict: { verdict: 'busy', until: now + 1 },
  },
  {
    when: 'a holder that renews has been silent for a lease and the skew',
    lock: held(minute + skew),
    verdict: {
      verdict: 'taken-over',
      lock: { leaseId: 'mine', tries: 1, timestamp: now, error: lost },
    },
  },
  {
    when: 'a holder that does not renew is within its timeout',
    lock: heldSilently(10.5 * minute - 1),
    verdict: { verdict: 'busy', until: now + 1 },
  },
  {
    when: 'a holder that does not renew is at its timeout',
    lock: heldSilently(10.5 * minute),
    verdict: { verdict: 'taken-over', lock: { tries: 1 } },
  },
  {
    when: 'the request of a holder that does not renew has ended, within a lease',
    lock: heldSilently(minute - 1),
    delivery: { endedLease: 'other' },
    verdict: { verdict: 'busy', until: now + 1 },
  },
  {
    when: 'the request of a holder that does not renew has ended, after a lease',
    lock: heldSilently(minute),
    delivery: { endedLease: 'other' },
    verdict: { verdict: 'taken-over' },
  },
  {
    when: 'the request of an earlier holder has ended',
    lock: heldSilently(minute),
    delivery: { endedLease: 'before' },
    verdict: { verdict: 'busy' },
  },
  {
    when: 'a holder of the Go library is within its timeout',
    lock: held(10.5 * minute - 1, { run: '', task: undefined, holder: undefined }),
    delivery: { run: '' },
    verdict: { verdict: 'busy' },
  },
  {
    when: 'a holder of the Go library is at its timeout',
    lock: held(10.5 * minute, { run: '', task: undefined, holder: undefined }),
    delivery: { run: '' },
    verdict: {
      verdict: 'taken-over',
      lock: { run: '', freshRun: 'f'.repeat(32), task: delivery.task },
    },
  },
  {
    when: 'an entity of the Go library waits for its first task, at step 0',
    lock: new Lock({ timestamp: now - minute }),
    delivery: { run: '', step: 0 },
    verdict: { verdict: 'acquired', lock: { step: 0, freshRun: 'f'.repeat(32) } },
  },
  {
    when: 'it is to be taken, and the last attempt is left',
    lock: held(minute * 2, { tries: 9 }),
    verdict: { verdict: 'taken-over', lock: { tries: 10 } },
  },
  {
    when: 'it is to be taken, and no attempt is left',
    lock: held(minute * 2, { tries: 10 }),
    verdict: {
      verdict: 'failed',
      lock: { state: 'failed', tries: 11, leaseId: '', due: now + minute, settledBy: 'mine' },
    },
  },
  {
    when: 'it is to be taken, and a lost attempt fails the run',
    lock: held(minute * 2),
    terms: { onLost: 'fail' },
    verdict: { verdict: 'failed', lock: { state: 'failed', tries: 1 } },
  },
  {
    when: 'it is not to be taken, though a lost attempt would fail the run',
    lock: held(minute),
    terms: { onLost: 'fail' },
    verdict: { verdict: 'busy' },
  },
];

describe('a delivery of step 3', () => {
  it.each(rows)('when $when: $verdict.verdict', (row) => {
    const verdict = acquire(row.lock, { ...delivery, ...row.delivery }, now, {
      ...terms,
      ...row.terms,
    });
    expect(verdict).toMatchObject(row.verdict);
  });

  it('is refused by a lock that is both ended and behind as ended: -1 is less than every step', () => {
    const completed = ready({ step: -1, tries: 0 });
    expect(acquire(completed, delivery, now, terms)).toMatchObject({ verdict: 'stale' });
  });

  it('is told why it is stale', () => {
    expect(acquire(ready({ step: 5 }), delivery, now, terms)).toMatchObject({
      reason: 'the chain is at step 5',
    });
    expect(acquire(ready({ end: 'cancelled' }), delivery, now, terms)).toMatchObject({
      reason: 'the run is cancelled',
    });
  });

  it('remembers a lost attempt, and how long it had been', () => {
    const verdict = acquire(held(minute * 2), delivery, now, terms);
    expect(verdict).toMatchObject({
      lock: { history: [{ at: now, step: 3, attempt: 1, outcome: 'lost', ms: minute * 2 }] },
    });
  });

  it('never changes the lock that it was decided on', () => {
    for (const { lock, delivery: own, terms: ownTerms } of rows) {
      const before = structuredClone(lock);
      acquire(lock, { ...delivery, ...own }, now, { ...terms, ...ownTerms });
      expect(structuredClone(lock)).toEqual(before);
    }
  });
});

describe('attempts', () => {
  it('are at most maxRetries + 1, crashes included', () => {
    let lock = ready();
    let executions = 0;
    for (let round = 1; lock.active && round < 100; round++) {
      const at = now + round * 10 * minute;
      const verdict = acquire(lock, { ...delivery, leaseId: `lease-${round}` }, at, terms);
      if (!('lock' in verdict)) throw new Error(verdict.verdict);
      if (verdict.verdict !== 'failed') executions += 1;
      lock = verdict.lock;
    }
    expect(executions).toBe(11);
    expect(lock).toMatchObject({ state: 'failed', run, tries: 11 });
  });
});
