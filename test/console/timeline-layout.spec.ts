import { array, assert, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChainJson } from '../../lib/console/wire.js';

interface Layout {
  readonly partsOf: (
    chain: ChainJson,
    now: number,
  ) => Parts & { marks: { outcome: string }[]; ahead?: object };
  readonly scaleOf: (
    parts: { bars: Bar[]; marks: never[] },
    width: number,
  ) => { place: (at: number) => number; breaks: object[] };
}
interface Parts {
  bars: Bar[];
}
interface Bar {
  from: number;
  to: number;
  step: number;
  attempt: number;
  outcome: string;
  look: string;
}

// The browser's own file, which the compiler of this side does not read.
const file = new URL('../../lib/console/browser/timeline-layout.js', import.meta.url).href;
const { partsOf, scaleOf } = (await import(file)) as Layout;

const chain: ChainJson = {
  key: 'Order/5',
  kind: 'Order',
  namespace: '',
  state: 'ready',
  isOverdue: false,
  seenAt: 0,
  run: 'r',
  step: 1,
  tries: 0,
  postponed: 0,
  number: 0,
  missed: 0,
  arrivals: 0,
  leaseId: '',
  history: [],
};

const bar = (from: number, to: number) => ({
  from,
  to,
  step: 1,
  attempt: 1,
  outcome: 'advanced',
  look: 'good',
});

describe('the parts of a timeline', () => {
  it('are the attempts as bars, and what was done by hand as marks', () => {
    const history = [
      { at: 1_000, step: 1, attempt: 1, outcome: 'released', ms: 400 },
      { at: 2_000, step: 1, attempt: 2, outcome: 'hastened' },
      { at: 3_000, step: 1, attempt: 2, outcome: 'lost', ms: 900 },
      { at: 4_000, step: 1, attempt: 3, outcome: 'redispatched', ms: 500 },
      { at: 5_000, step: 1, attempt: 3, outcome: 'advanced', ms: 1_500 },
    ];
    const { bars, marks, ahead } = partsOf({ ...chain, state: 'completed', history }, 9_000);
    expect(bars).toMatchObject([
      { from: 600, to: 1_000, look: 'bad' },
      { from: 2_100, to: 3_000, look: 'warn' },
      { from: 3_500, to: 5_000, look: 'good' },
    ]);
    expect(marks.map(({ outcome }) => outcome)).toEqual(['hastened', 'redispatched']);
    expect(ahead).toBeUndefined();
  });

  it('show the present without any history', () => {
    const holder = { since: 1_000, renews: true };
    const held: ChainJson = {
      ...chain,
      state: 'held',
      step: 4,
      tries: 2,
      holder,
      takeableAt: 9_000,
    };
    expect(partsOf(held, 4_000)).toMatchObject({
      bars: [{ from: 1_000, to: 4_000, step: 4, attempt: 3, look: 'live' }],
      ahead: { from: 4_000, to: 9_000, what: 'may be taken over' },
    });
    expect(partsOf({ ...chain, at: 8_000 }, 4_000).ahead).toMatchObject({ to: 8_000 });
    expect(partsOf({ ...chain, state: 'waiting', due: 7_000 }, 4_000).ahead).toMatchObject({
      to: 7_000,
    });
  });
});

describe('the scale of a timeline', () => {
  it('cuts a long gap short, and keeps the proportions of what is beside it', () => {
    const { place, breaks } = scaleOf({ bars: [bar(0, 100), bar(1e9, 1e9 + 300)], marks: [] }, 456);
    expect(breaks).toMatchObject([{ from: 100, to: 1e9, start: 100, end: 156 }]);
    expect([0, 100, 1e9, 1e9 + 300].map(place)).toEqual([0, 100, 156, 456]);
  });

  it('never runs backwards, and never out of the picture', () => {
    const bars = array(
      record({ from: integer({ min: 0, max: 1e8 }), ms: integer({ min: 0, max: 1e7 }) }),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    assert(
      property(bars, integer({ min: 160, max: 2_000 }), (some, width) => {
        const parts = {
          bars: some.map(({ from, ms }) => bar(from, from + ms)),
          marks: [],
        };
        const { place } = scaleOf(parts, width);
        const moments = parts.bars.flatMap(({ from, to }) => [from, to]).toSorted((a, b) => a - b);
        const places = moments.map(place);
        for (const [index, x] of places.entries()) {
          expect(x).toBeGreaterThanOrEqual((places[index - 1] ?? 0) - 1e-6);
          expect(x).toBeLessThanOrEqual(width + 1e-6);
        }
      }),
    );
  });
});
