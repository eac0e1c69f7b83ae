import { ShiftingClock, VirtualClock } from 'nestjs-datastore-locker/emulator';
import { describe, expect, it } from 'vitest';
import { sleep } from '../../lib/system/clock.js';

describe('a virtual clock', () => {
  it('runs timers in the order of their times, of equal times in the order they were set', async () => {
    const clock = new VirtualClock(0);
    const ran: string[] = [];
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
    ] as const) {
      clock.after(ms, () => ran.push(`${name} at ${clock.now()}`));
    }
    await clock.advance(25);
    expect(ran).toEqual(['a at 10', 'b1 at 20', 'b2 at 20']);
    expect(clock.now()).toBe(25);
    expect(clock.pending).toBe(1);
    expect(clock.nextAt).toBe(30);
  });

  it('lets promises go on between two timers, so that they may set timers of their own', async () => {
    const clock = new VirtualClock(0);
    const ran: number[] = [];
    const chain = (async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(clock, 10);
        await Promise.resolve();
        ran.push(clock.now());
      }
    })();
    await clock.advance(100);
    await chain;
    expect(ran).toEqual([10, 20, 30]);
  });

  it('forgets a timer that is cancelled', async () => {
    const clock = new VirtualClock(0);
    const cancel = clock.after(10, () => expect.unreachable());
    cancel();
    cancel();
    expect(clock.pending).toBe(0);
    await clock.advance(20);
  });

  it('does not run back when a timer advances it', async () => {
    const clock = new VirtualClock(0);
    let inner: Promise<void> | undefined;
    clock.after(5, () => {
      inner = clock.advance(100);
    });
    await clock.advance(10);
    await inner;
    expect(clock.now()).toBe(105);
  });

  it('jumps from timer to timer until none is left', async () => {
    const clock = new VirtualClock(0);
    let left = 3;
    const again = () => (left-- > 0 ? void clock.after(1000, again) : undefined);
    again();
    await clock.runUntilIdle();
    expect(clock.now()).toBe(3000);
    expect(await clock.advanceToNext()).toBe(false);
  });

  it('gives up on timers that set themselves for ever', async () => {
    const clock = new VirtualClock(0);
    const again = (): unknown => clock.after(1, again);
    again();
    await expect(clock.runUntilIdle(10)).rejects.toThrow('10 jumps');
  });
});

describe('a shifting clock', () => {
  it('follows the clock below it', async () => {
    const below = new VirtualClock(0);
    const clock = new ShiftingClock(below);
    const ran: number[] = [];
    clock.after(10, () => ran.push(clock.now()));
    clock.after(20, () => ran.push(clock.now()));
    await below.advance(15);
    expect(ran).toEqual([10]);
    expect(clock.pending).toBe(1);
  });

  it('can be moved ahead of it, and its timers with it', async () => {
    const below = new VirtualClock(0);
    const clock = new ShiftingClock(below);
    const ran: number[] = [];
    clock.after(600_000, () => ran.push(clock.now()));
    clock.after(900_000, () => ran.push(clock.now()));
    await clock.advance(700_000);
    expect(ran).toEqual([600_000]);
    expect([below.now(), clock.now()]).toEqual([0, 700_000]);
    await below.advance(200_000);
    expect(ran).toEqual([600_000, 900_000]);
  });

  it('forgets a timer that is cancelled', async () => {
    const below = new VirtualClock(0);
    const clock = new ShiftingClock(below);
    clock.after(10, () => expect.unreachable())();
    await below.advance(20);
    await clock.advance(20);
    expect(clock.pending).toBe(0);
  });

  it('runs on the machine by itself', async () => {
    const clock = new ShiftingClock();
    const before = clock.now();
    await sleep(clock, 5);
    expect(clock.now()).toBeGreaterThanOrEqual(before + 5);
  });
});
