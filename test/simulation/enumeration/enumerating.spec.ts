import { describe, expect, it } from 'vitest';
import { SeenBefore } from '../decisions/oracle.js';
import { digest } from '../world/provenance.js';
import { Scheduler } from '../world/scheduler.js';
import { EnumeratingOracle, type Bounds } from './enumerating-oracle.js';

/** Two clerks who each look at an account, and then add one to what they saw. */
function clerks(accountOf: (clerk: number) => number) {
  return (scheduler: Scheduler): (() => string) => {
    const accounts = [0, 0];
    for (const clerk of [0, 1])
      scheduler.after(0, `clerk ${clerk} looks`, () => {
        const account = accountOf(clerk);
        const seen = accounts[account] ?? NaN;
        scheduler.touch(`account ${account}`, 'reads');
        scheduler.observe(() => String(seen));
        scheduler.after(0, `clerk ${clerk} writes`, () => {
          scheduler.touch(`account ${account}`, 'writes');
          accounts[account] = seen + 1;
        });
      });
    return () => accounts.join(' ');
  };
}

/** Somebody who takes back what somebody else is about to do. */
function recall(scheduler: Scheduler): () => string {
  let done = '';
  const takeBack = scheduler.after(0, 'the deed', () => {
    done = 'done';
  });
  scheduler.after(0, 'the recall', takeBack);
  return () => done;
}

/** A race of three: whoever comes first wins, and a bystander has nothing to do with it. */
function race(scheduler: Scheduler): () => string {
  const arrived: number[] = [];
  for (const runner of [1, 2, 3])
    scheduler.after(0, `runner ${runner}`, () => {
      scheduler.touch('the line', 'writes');
      arrived.push(runner);
    });
  scheduler.after(0, 'a bystander', () => scheduler.touch('an ice cream', 'writes'));
  return () => arrived.join('');
}

/** All that can come of a world, and in how many runs that is found. */
function enumerate(world: (scheduler: Scheduler) => () => string, bounds: Partial<Bounds> = {}) {
  const oracle = new EnumeratingOracle({ faults: 0, ...bounds });
  const results = new Set<string>();
  let runs = 0;
  do {
    runs++;
    const scheduler = new Scheduler(oracle);
    const outcome = world(scheduler);
    try {
      do {
        scheduler.end();
        const state = () => digest(scheduler.mark, outcome());
        oracle.arrive(state, scheduler.isMomentOver);
      } while (scheduler.step());
    } catch (error) {
      if (!(error instanceof SeenBefore)) throw error;
    }
    if (scheduler.isMomentOver) results.add(outcome());
  } while (oracle.next());
  return { results, runs };
}

describe('an enumeration of every order', () => {
  it('comes to whatever can come of it: one of two writes may be lost', () => {
    expect(enumerate(clerks(() => 0)).results).toEqual(new Set(['2 0', '1 0']));
  });

  it('tries one order only of what touches different things', () => {
    expect(enumerate(clerks((clerk) => clerk))).toEqual({ results: new Set(['1 1']), runs: 1 });
  });

  it('tries all orders of what touches the same', () => {
    const { results, runs } = enumerate(race);
    expect(results).toEqual(new Set(['123', '132', '213', '231', '312', '321']));
    expect(runs).toBe(6);
  });

  it('tries what is taken back', () => {
    expect(enumerate(recall).results).toEqual(new Set(['', 'done']));
  });

  it.each([clerks(() => 0), clerks((clerk) => clerk), race, recall])(
    'comes to the same where orders that are equal are tried as well',
    (world) => {
      const { results, runs } = enumerate(world, { everyOrder: true });
      expect(results).toEqual(enumerate(world).results);
      expect(runs).toBeGreaterThanOrEqual(enumerate(world).runs);
    },
  );
});
