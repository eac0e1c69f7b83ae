import { describe, expect, it } from 'vitest';
import { sleep } from '../../../lib/system/clock.js';
import { LOCATION, QUEUE, ScriptedTarget } from './scripted-target.js';

const MINUTE = 60_000;

function queueWith(retryConfig: object) {
  return { queues: [{ name: QUEUE, retryConfig }] };
}

describe('retries', () => {
  it.each([
    {
      rule: 'doubles three times, grows linearly, stops growing at the maximum',
      config: { minBackoff: { seconds: 10 }, maxBackoff: { seconds: 300 }, maxDoublings: 3 },
      delays: [10, 20, 40, 80, 160, 240, 300, 300],
    },
    {
      rule: 'starts at a tenth of a second unless told otherwise',
      config: {},
      delays: [0.1, 0.2, 0.4, 0.8, 1.6, 3.2],
    },
    {
      rule: 'stays within an hour after sixteen doublings',
      config: { minBackoff: { seconds: 1000 } },
      delays: [1000, 2000, 3600, 3600],
    },
  ])('$rule', async ({ config, delays }) => {
    const target = new ScriptedTarget(queueWith(config));
    target.script = [500];
    await target.create();
    await target.receive(delays.length + 1);
    const waited = target.times.slice(1).map((at, i) => (at - (target.times[i] ?? 0)) / 1000);
    expect(waited.slice(0, delays.length)).toEqual(delays);
  });

  it.each([
    { rule: 'three attempts', config: { maxAttempts: 3 }, attempts: 3 },
    {
      rule: 'the time is up but not the attempts',
      config: { maxAttempts: 4, maxRetryDuration: { seconds: 1 }, minBackoff: { seconds: 1 } },
      attempts: 4,
    },
    {
      rule: 'the attempts are used up but not the time',
      config: {
        maxAttempts: 2,
        maxRetryDuration: { seconds: 35 },
        minBackoff: { seconds: 10 },
        maxBackoff: { seconds: 10 },
      },
      attempts: 5,
    },
    {
      rule: 'attempts without limit leave it to the time',
      config: {
        maxAttempts: -1,
        maxRetryDuration: { seconds: 20 },
        minBackoff: { seconds: 10 },
        maxBackoff: { seconds: 10 },
      },
      attempts: 3,
    },
  ])('gives a task up, without a word, after $attempts: $rule', async ({ config, attempts }) => {
    const target = new ScriptedTarget(queueWith(config));
    target.script = [500];
    const name = await target.create();
    await target.clock.runUntilIdle();
    expect(target.received).toHaveLength(attempts);
    await expect(target.engine.getTask({ name })).rejects.toMatchObject({ code: 5 });
  });

  it('deletes a task after 31 days, whatever its queue allows', async () => {
    const target = new ScriptedTarget(
      queueWith({ maxAttempts: -1, minBackoff: { seconds: 3000 }, maxBackoff: { seconds: 3000 } }),
    );
    target.script = [500];
    const name = await target.create();
    await target.clock.advance(31 * 24 * 60 * MINUTE - 1000);
    await expect(target.engine.getTask({ name })).resolves.toMatchObject({ name });
    await target.clock.advance(2000);
    await expect(target.engine.getTask({ name })).rejects.toMatchObject({ code: 5 });
  });

  it.each([200, 201, 204, 299])('is done at %i', async (status) => {
    const target = new ScriptedTarget();
    target.script = [status];
    await target.create();
    await target.clock.advance(MINUTE);
    expect(target.received).toHaveLength(1);
  });

  it.each([100, 302, 304, 400, 404, 409, 422, 500])('tries again after %i', async (status) => {
    const target = new ScriptedTarget();
    target.script = [status, 200];
    await target.create();
    await target.clock.advance(MINUTE);
    expect(target.received).toHaveLength(2);
  });

  it('gives a target up after ten minutes and tries again, though it may still be at work', async () => {
    const target = new ScriptedTarget();
    target.script = ['never', 200];
    await target.create();
    await target.clock.advance(20 * MINUTE);
    expect(target.times).toEqual([0, 10 * MINUTE + 100]);
    expect(target.received[0]?.signal.aborted).toBe(true);
  });

  it('gives a target up after the deadline of its task', async () => {
    const target = new ScriptedTarget();
    target.script = ['never', 200];
    await target.create({ dispatchDeadline: { seconds: 15 } });
    await target.clock.advance(20 * MINUTE);
    expect(target.times).toEqual([0, 15_100]);
  });

  it('takes no notice of an answer that comes after the deadline', async () => {
    const target = new ScriptedTarget();
    target.script = [sleep(target.clock, 15_050).then(() => ({ status: 200 })), 500];
    const name = await target.create({ dispatchDeadline: { seconds: 15 } });
    await target.clock.advance(15_060);
    await expect(target.engine.getTask({ name })).resolves.toMatchObject({ responseCount: 0 });
  });

  it('takes a refused connection for an attempt without an answer', async () => {
    const target = new ScriptedTarget();
    target.script = ['refuse', 200];
    await target.create();
    await target.clock.advance(MINUTE);
    expect(target.received[1]?.headers).toMatchObject({
      'X-CloudTasks-TaskPreviousResponse': '504',
    });
  });

  it.each([
    { answer: { status: 503 }, waits: 1000, rule: 'leaves a queue alone for a second after 503' },
    { answer: { status: 429 }, waits: 1000, rule: 'leaves a queue alone for a second after 429' },
    {
      answer: { status: 503, headers: { 'retry-after': '30' } },
      waits: 30_000,
      rule: 'waits as long as Retry-After says',
    },
    {
      answer: { status: 500, headers: { 'retry-after': '30' } },
      waits: 100,
      rule: 'takes no notice of Retry-After with another answer',
    },
  ])('$rule', async ({ answer, waits }) => {
    const target = new ScriptedTarget();
    target.script = [answer, 200];
    await target.create();
    await target.clock.advance(MINUTE);
    expect(target.times).toEqual([0, waits]);
  });

  it('holds up the other tasks of the queue after 503, and those of no other queue', async () => {
    const target = new ScriptedTarget();
    target.script = [503, 200];
    await target.create();
    await target.clock.advance(0);
    await target.create();
    await target.create({}, `${LOCATION}/queues/other`);
    await target.clock.advance(0);
    expect(target.received).toHaveLength(2);
    await target.clock.advance(1000);
    expect(target.received).toHaveLength(4);
  });
});
