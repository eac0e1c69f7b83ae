import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Runner } from '../../lib/delivery/runner.js';
import { Duplicator } from '../../sample/01-counter/duplicator.js';
import type { Event } from '../../sample/01-counter/show/event.js';
import { runToTheEnd } from '../../sample/01-counter/show/run-to-the-end.js';
import { problemsOf, type Evidence } from '../../sample/01-counter/show/verdict.js';
import { cleanEnvironment } from './clean-environment.js';

// It runs in real time; a busy machine takes its own.
describe('the counter sample', { timeout: 60_000 }, () => {
  let restore: () => void;
  const lines: string[] = [];
  const run = () => runToTheEnd(process.env, { line: (text = '') => lines.push(text) });

  beforeEach(() => {
    lines.length = 0;
    restore = cleanEnvironment();
    Object.assign(process.env, { COUNTER_WORK_MS: '20', COUNTER_LATE_MS: '1000' });
  });

  afterEach(() => {
    vi.restoreAllMocks();
    restore();
  });

  it('counts to ten, drops both duplicates, and says so', async () => {
    expect(await run()).toBe(0);
    const story = lines.join('\n');
    for (let step = 1; step <= 10; step++)
      expect(story).toMatch(new RegExp(`step +${step}  attempt 1 .* committed`));
    expect(story).toMatch(/step {2}6 {2}late duplicate dropped: stale,/);
    expect(story).toMatch(/value +10 of 10/);
    expect(story).toMatch(
      /Each of the 10 steps ran once, in order\. Both duplicates were dropped\./,
    );
  });

  it('fails when no duplicate was thrown in', async () => {
    vi.spyOn(Duplicator.prototype, 'throwIn').mockResolvedValue();
    expect(await run()).toBe(1);
    expect(lines.join('\n')).toMatch(/Nothing was dropped/);
  });

  it('fails when a step runs twice', async () => {
    // oxlint-disable-next-line typescript/unbound-method -- called with its own this
    const deliver = Runner.prototype.deliver;
    vi.spyOn(Runner.prototype, 'deliver').mockImplementation(function (
      this: Runner,
      arrival,
      handle,
    ) {
      if (arrival.request.step !== 7) return deliver.call(this, arrival, handle);
      return deliver.call(this, arrival, async (entity, lease) => {
        await handle(entity, lease);
        await handle(entity, lease);
      });
    });
    expect(await run()).toBe(1);
    expect(lines.join('\n')).toMatch(/Step 7 ran 2 times/);
  });
});

describe('the verdict of the counter sample', () => {
  const run = 'r';
  const working = (step: number): Event => ({ type: 'working', run, step });
  const turnedAway = (outcome: string): Event => ({
    type: 'turned-away',
    run,
    step: 3,
    task: 'duplicate-now-r',
    outcome,
    reason: undefined,
  });
  const thrownIn: Event = { type: 'thrown-in', run, step: 2, duplicates: 2, lateMs: 1 };
  const good: Evidence = {
    limit: 3,
    value: 3,
    state: 'completed',
    history: [
      { at: 1, step: 1, attempt: 1, outcome: 'advanced' },
      { at: 2, step: 2, attempt: 1, outcome: 'advanced' },
      { at: 3, step: 3, attempt: 1, outcome: 'completed' },
    ],
    events: [
      working(1),
      working(2),
      thrownIn,
      turnedAway('busy'),
      working(3),
      turnedAway('stale'),
      turnedAway('stale'),
    ],
  };

  it('finds nothing in a good run', () => {
    expect(problemsOf(good)).toEqual([]);
  });

  it.each<[string, Partial<Evidence>]>([
    ['Step 2 ran 2 times.', { events: [...good.events.slice(0, 2), ...good.events.slice(1)] }],
    ['Step 2 was skipped.', { events: good.events.filter((event) => event !== good.events[1]) }],
    ['Step 4 ran, but 3 is the last one.', { events: [...good.events, working(4)] }],
    [
      'The steps ran out of order: 2, 1, 3.',
      { events: [working(2), working(1), ...good.events.slice(2)] },
    ],
    ['Nothing of 2 duplicates was dropped.', { events: good.events.slice(0, 5) }],
    ['Only 1 of 2 duplicates was dropped.', { events: good.events.slice(0, 6) }],
    [
      'Nothing was dropped, because no duplicate was thrown in.',
      { events: [working(1), working(2), working(3)] },
    ],
    ['The stored run is failed, not completed.', { state: 'failed' }],
    ['The stored counter is at 4, not at 3.', { value: 4 }],
    [
      'The stored history is not one commit a step: 1 advanced, 2 advanced.',
      { history: good.history.slice(0, 2) },
    ],
  ])('says: %s', (problem, change) => {
    expect(problemsOf({ ...good, ...change })).toEqual([problem]);
  });
});
