import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../ledger.js';
import type { Incident } from '../trouble/incident.js';
import { recoveryBound, troubledMs } from './bound.js';
import type { StoredChain } from './evidence.js';
import { recoveriesOf } from './recoveries.js';
import { beginning, line, transition, untroubled } from './untroubled.js';

const chain = { kind: 'chain', name: 'c' } as const;
const killedAt = beginning + 2_300;
const kill: Incident = { what: 'worker killed', pid: 1, at: killedAt, until: killedAt + 3_000 };

/** Step 2 was in its handler when its process was killed. */
const before = untroubled(chain).ledger.filter(
  ({ step, what }) => step < 2 || (step === 2 && what !== 'left'),
);
const again = line('c', 2, 'began', { attempt: 2, pid: 2, at: killedAt + 7_500 });

function recoveries(ledger: readonly LedgerEntry[], change: Partial<StoredChain> = {}) {
  const chains = untroubled(chain).chains.map((one) => ({ ...one, history: [], ...change }));
  return recoveriesOf(kill, ledger, new Map(chains.map((one) => [one.name, one])));
}

describe('the recovery from a kill', () => {
  it('takes until a step that the victim held runs again', () => {
    expect(recoveries([...before, again])).toEqual([
      { chain: 'c', step: 2, attempt: 1, ms: 7_500 },
    ]);
  });

  it('is no matter of steps that another process held, or whose handler had ended', () => {
    const elsewhere = before.map((entry) => ({ ...entry, pid: 2 }));
    expect(recoveries([...elsewhere, again])).toEqual([]);
    const left = line('c', 2, 'left', { at: killedAt - 1 });
    expect(recoveries([...before, left, again])).toEqual([]);
  });

  it('is no matter of a step that was committed though its handler had not ended', () => {
    const history = [transition(2, 'advanced', { at: killedAt - 1 })];
    expect(recoveries([...before, again], { history })).toEqual([]);
  });

  it('is no matter of a lease that had been lost before', () => {
    const history = [transition(2, 'lost', { at: killedAt - 1 })];
    expect(recoveries([...before, again], { history })).toEqual([]);
    const elsewhere = line('c', 2, 'began', { attempt: 2, pid: 2, at: killedAt - 1 });
    expect(recoveries([...before, elsewhere, again])).toEqual([]);
  });
});

describe('the bound of a recovery', () => {
  const second = 1_000;
  const incident = (what: Incident['what'], from: number, to: number): Incident => ({
    what,
    pid: from,
    at: from * second,
    until: to * second,
  });

  it('is the lease, the skew and a slot of the sweep', () => {
    expect(recoveryBound({ leaseDurationMs: 2_000, skewMs: 5_000, sweepEveryMs: 10_000 })).toBe(
      17_000,
    );
  });

  it.each<[string, number, Incident[]]>([
    ['nothing, when nothing else happened', 0, []],
    ['nothing for the one worker of two that is away', 0, [incident('worker killed', 2, 5)]],
    [
      'the time without any worker',
      2,
      [incident('worker killed', 2, 5), incident('worker killed', 3, 9)],
    ],
    ['the time without the emulator', 3, [incident('emulator killed', 2, 5)]],
    ['the time that one stands still', 5, [incident('worker stopped', 5, 20)]],
    [
      'times that overlap once',
      4,
      [incident('emulator killed', 2, 5), incident('worker stopped', 3, 6)],
    ],
    ['nothing of before and after', 0, [incident('emulator killed', 10, 12)]],
  ])('is put off by %s', (_, expected, incidents) => {
    expect(troubledMs(0, 10 * second, incidents, 2)).toBe(expected * second);
  });
});
