import { describe, expect, it } from 'vitest';
import { LeaseWatch } from '../../lib/delivery/lease-watch.js';
import { VirtualClock } from '../../lib/emulator/virtual-clock.js';

/** Ends one renewal: it succeeds, or it fails. */
type End = (error?: Error) => void;

/** A watch whose renewals the test ends one by one, of a lease whose acquire took some time. */
function watched(acquireMs = 0) {
  const clock = new VirtualClock();
  const ends: End[] = [];
  const watch: LeaseWatch = new LeaseWatch(
    clock,
    { duration: 60_000, renews: true, deadline: clock.now() - acquireMs + 300_000 },
    'Order/5',
    () => {
      const sentAt = clock.now();
      return new Promise((resolve, reject) => {
        ends.push((error) => {
          if (error) return reject(error);
          watch.renewed(sentAt);
          resolve(true);
        });
      });
    },
    clock.now() - acquireMs,
  );
  return { clock, ends, watch };
}

describe('LeaseWatch', () => {
  it.each([
    ['succeeds', undefined],
    ['fails', new Error('Datastore is down')],
  ])('renews no more once it is stopped, also when the renewal under way %s', async (_, error) => {
    const { clock, ends, watch } = watched();
    await clock.advance(30_000);
    expect(ends).toHaveLength(1);
    watch.stop();
    ends[0]?.(error);
    await clock.advance(600_000);
    expect(ends).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('renews again half a lease after each renewal was sent', async () => {
    const { clock, ends } = watched();
    await clock.advance(30_000);
    ends[0]?.();
    await clock.advance(30_000);
    expect(ends).toHaveLength(2);
  });

  it('that is old from the start fires no signal before its first renewal, and then in its time', async () => {
    const { clock, ends, watch } = watched(58_000);
    await clock.advance(1_000);
    expect(watch.signal.aborted).toBe(false);
    watch.renewed(clock.now());
    await clock.advance(53_000);
    expect(ends).toHaveLength(1);
    expect(watch.signal.aborted).toBe(false);
    await clock.advance(2_000);
    expect(watch.signal.reason).toMatchObject({ reason: 'expiring' });
  });

  it('tells of the end of its request in time, however long the acquire took', async () => {
    const { clock, watch } = watched(25_000);
    for (let passed = 25; passed < 289; passed += 1) {
      watch.renewed(clock.now());
      await clock.advance(1_000);
    }
    expect(watch.signal.aborted).toBe(false);
    await clock.advance(2_000);
    expect(watch.signal.reason).toMatchObject({ reason: 'deadline' });
  });
});
