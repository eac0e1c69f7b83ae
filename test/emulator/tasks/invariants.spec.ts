import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleep } from '../../../lib/system/clock.js';
import { type Answer, QUEUE, ScriptedTarget } from './scripted-target.js';

/** What happens to one task: when it is due, and how each of its attempts ends, after how long. */
const plannedTask = fc.record({
  dueMs: fc.nat(5000),
  attempts: fc.array(
    fc.record({
      answer: fc.constantFrom<Answer>(500, 404, 'refuse'),
      takesMs: fc.nat(400),
    }),
    { maxLength: 4 },
  ),
});

const limits = fc.record({
  maxDispatchesPerSecond: fc.constantFrom(1, 3, 10, 500),
  maxBurstSize: fc.integer({ min: 1, max: 5 }),
  maxConcurrentDispatches: fc.integer({ min: 1, max: 3 }),
});

describe('whatever happens', () => {
  it('every task is tried until it succeeds and never again, within the limits of its queue', async () => {
    await fc.assert(
      fc.asyncProperty(
        limits,
        fc.array(plannedTask, { minLength: 1, maxLength: 8 }),
        async (rateLimits, planned) => {
          let running = 0;
          let mostRunning = 0;
          const starts: number[] = [];
          const attempts = new Map<string, number>();
          const target: ScriptedTarget = new ScriptedTarget({
            queues: [{ name: QUEUE, rateLimits }],
            send: async ({ task }) => {
              const index = Number(task.slice(task.lastIndexOf('-') + 1));
              const number = attempts.get(task) ?? 0;
              attempts.set(task, number + 1);
              starts.push(target.clock.now() - target.startedAt);
              mostRunning = Math.max(mostRunning, ++running);
              const attempt = planned[index]?.attempts[number];
              await sleep(target.clock, attempt?.takesMs ?? 50);
              running -= 1;
              if (attempt?.answer === 'refuse') throw new Error('refused');
              return { status: typeof attempt?.answer === 'number' ? attempt.answer : 200 };
            },
          });
          for (const [index, { dueMs }] of planned.entries()) {
            const due = target.startedAt + dueMs;
            const scheduleTime = { seconds: Math.floor(due / 1000), nanos: (due % 1000) * 1e6 };
            await target.create({ name: `${QUEUE}/tasks/t-${index}`, scheduleTime });
          }
          await target.clock.runUntilIdle();

          expect(planned.map((_task, index) => attempts.get(`${QUEUE}/tasks/t-${index}`))).toEqual(
            planned.map((task) => task.attempts.length + 1),
          );
          expect(mostRunning).toBeLessThanOrEqual(rateLimits.maxConcurrentDispatches);
          for (const [first, from] of starts.entries()) {
            for (const [more, to] of starts.slice(first).entries()) {
              const allowed =
                rateLimits.maxBurstSize + ((to - from) / 1000) * rateLimits.maxDispatchesPerSecond;
              expect(more + 1).toBeLessThanOrEqual(allowed + 0.01);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
