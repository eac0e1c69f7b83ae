import { describe, expect, it } from 'vitest';
import { sleep } from '../../../lib/system/clock.js';
import { LOCATION, QUEUE, ScriptedTarget } from './scripted-target.js';

async function withTasks(rateLimits: object, count: number): Promise<ScriptedTarget> {
  const target = new ScriptedTarget({ queues: [{ name: QUEUE, rateLimits }] });
  for (let i = 0; i < count; i++) await target.create();
  return target;
}

describe('rate limits', () => {
  it('let a burst through and then so many a second', async () => {
    const target = await withTasks({ maxDispatchesPerSecond: 2, maxBurstSize: 3 }, 6);
    await target.clock.advance(60_000);
    expect(target.times).toEqual([0, 0, 0, 500, 1000, 1500]);
  });

  it('fill the burst again while nothing is sent', async () => {
    const target = await withTasks({ maxDispatchesPerSecond: 1, maxBurstSize: 2 }, 3);
    await target.clock.advance(10_000);
    for (let i = 0; i < 3; i++) await target.create();
    await target.clock.advance(10_000);
    expect(target.times).toEqual([0, 0, 1000, 10_000, 10_000, 11_000]);
  });

  it('take rates below one a second', async () => {
    const target = await withTasks({ maxDispatchesPerSecond: 0.1, maxBurstSize: 1 }, 3);
    await target.clock.advance(60_000);
    expect(target.times).toEqual([0, 10_000, 20_000]);
  });

  it('let only so many run at a time', async () => {
    const target = await withTasks({ maxConcurrentDispatches: 2 }, 5);
    const running = sleep(target.clock, 100).then(() => ({ status: 200 }));
    target.script = [running, running, 200, 200, 200];
    await target.clock.advance(99);
    expect(target.received).toHaveLength(2);
    await target.clock.advance(1);
    expect(target.times).toEqual([0, 0, 100, 100, 100]);
  });

  it('count retries as well', async () => {
    const target = await withTasks({ maxDispatchesPerSecond: 1, maxBurstSize: 1 }, 1);
    target.script = [500, 500, 200];
    await target.clock.advance(60_000);
    expect(target.times).toEqual([0, 1000, 2000]);
  });

  it('hold for one queue and not for another', async () => {
    const target = await withTasks({ maxDispatchesPerSecond: 1, maxBurstSize: 1 }, 2);
    await target.create({}, `${LOCATION}/queues/other`);
    await target.clock.advance(0);
    expect(target.received).toHaveLength(2);
  });

  it('take effect when they are changed', async () => {
    const target = await withTasks({ maxDispatchesPerSecond: 0.01, maxBurstSize: 1 }, 5);
    await target.clock.advance(0);
    expect(target.received).toHaveLength(1);
    await target.engine.updateQueue({
      queue: { name: QUEUE, rateLimits: { maxDispatchesPerSecond: 500 } },
    });
    await target.clock.advance(0);
    expect(target.received).toHaveLength(5);
  });
});
