import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../ledger.js';
import { allChains, childNames } from '../names.js';
import type { StoredChain } from './evidence.js';
import { problemsOf } from './problems.js';
import { beginning, line, transition, untroubled } from './untroubled.js';

const chain = { kind: 'chain', name: 'c' } as const;
const parent = { kind: 'parent', name: 'p' } as const;

const goodLedger = untroubled(chain).ledger;
const others = (step: number) => goodLedger.filter((entry) => entry.step !== step);

/** What is said about a chain with another ledger. */
function withLedger(ledger: readonly LedgerEntry[]): string[] {
  return problemsOf({ ...untroubled(chain), ledger }).map(({ what }) => what);
}

/** What is said about a chain, or a parent, whose entity is different. */
function withEntity(change: Partial<StoredChain>, name: typeof chain | typeof parent = chain) {
  const { chains, ledger } = untroubled(name);
  return problemsOf({ chains: chains.map((one) => ({ ...one, ...change })), ledger }).map(
    ({ what }) => what,
  );
}

describe('the verdict on a chaos run', () => {
  it('has nothing to say about chains, parents and children that nothing happened to', () => {
    expect(problemsOf(untroubled(...allChains({ chains: 3, parents: 2 })))).toEqual([]);
  });

  it('has nothing to say about attempts that were lost or released, and effects under the same key', () => {
    const { chains, ledger } = untroubled(chain);
    const history = [
      transition(1, 'advanced'),
      transition(2, 'lost', { at: beginning + 2_300 }),
      transition(2, 'released', { at: beginning + 2_350, attempt: 2 }),
      ...(chains[0]?.history ?? []).slice(1),
    ];
    const again = [
      line('c', 2, 'began', { attempt: 2, pid: 2, at: beginning + 2_300 }),
      line('c', 2, 'effect', { attempt: 2, pid: 2, at: beginning + 2_350 }),
    ];
    const chainsThen = chains.map((one) => ({ ...one, history }));
    const before = ledger.filter(({ step }) => step <= 2);
    const after = ledger.filter(({ step }) => step > 2);
    const ledgerThen = [...before, ...again, ...after];
    expect(problemsOf({ chains: chainsThen, ledger: ledgerThen })).toEqual([]);
  });

  it('has nothing to say about a parent whose children were all there before it would wait', () => {
    const history = [transition(1, 'advanced'), transition(2, 'completed')];
    expect(withEntity({ history }, parent)).toEqual([]);
  });

  it('has nothing to say about a zombie that writes its effect when the chain is long over', () => {
    const late = line('c', 2, 'effect', { at: beginning + 60_000 });
    expect(withLedger([...goodLedger, late])).toEqual([]);
  });

  describe('of a ledger', () => {
    it.each<[string, LedgerEntry[]]>([
      ['step 3 had no effect', goodLedger.filter((one) => one.step !== 3 || one.what !== 'effect')],
      ['step 3 had no effect', others(3)],
      [
        'step 2 had its effect under 2 idempotency keys',
        [...goodLedger, line('c', 2, 'effect', { attempt: 2, idempotencyKey: 'another' })],
      ],
      ['there is no step 5, but it had effects', [...goodLedger, line('c', 5, 'effect')]],
      [
        'step 3 began before step 2',
        [...others(2), ...goodLedger.filter(({ step }) => step === 2)],
      ],
      [
        'step 2, attempt 1 began 1 ms before step 1 was committed',
        goodLedger.map((one) =>
          one.step === 2 && one.what === 'began' ? { ...one, at: beginning + 1_399 } : one,
        ),
      ],
      [
        'attempt 1 of step 2 began 2 times',
        [...goodLedger, line('c', 2, 'began', { pid: 2, at: beginning + 9_000 })],
      ],
      [
        'step 2 used the idempotency key of step 1 of c',
        goodLedger.map((one) => (one.step === 2 ? { ...one, idempotencyKey: 'c/1' } : one)),
      ],
      ['nobody started it', [...goodLedger, line('stranger', 1, 'began')]],
    ])('says: %s', (problem, ledger) => {
      expect(withLedger(ledger)).toContain(problem);
    });
  });

  describe('of an entity', () => {
    const good = untroubled(chain).chains[0]?.history ?? [];
    it.each<[string, Partial<StoredChain>]>([
      ['it is missing, not completed', { state: 'missing' }],
      ['it is failed, not completed', { state: 'failed' }],
      ['its lock still owes something', { isOwing: true }],
      ['it stored the steps [1, 2, 2, 3, 4], not [1, 2, 3, 4]', { trail: [1, 2, 2, 3, 4] }],
      ['it stored the steps [1, 2, 4], not [1, 2, 3, 4]', { trail: [1, 2, 4] }],
      ['it stored the steps [1, 3, 2, 4], not [1, 2, 3, 4]', { trail: [1, 3, 2, 4] }],
      [
        'its history settles [1 advanced, 2 advanced, 2 advanced, 3 advanced, 4 completed], not [1 advanced, 2 advanced, 3 advanced, 4 completed]',
        { history: [...good.slice(0, 2), ...good.slice(1)] },
      ],
      [
        'its history settles [1 advanced, 3 advanced, 4 completed], not [1 advanced, 2 advanced, 3 advanced, 4 completed]',
        { history: good.filter(({ step }) => step !== 2) },
      ],
    ])('says: %s', (problem, change) => {
      expect(withEntity(change)).toEqual([problem]);
    });
  });

  describe('of a parent', () => {
    const children = childNames('p');
    it.each<[string[], Partial<StoredChain>]>([
      [
        ['11 arrivals were counted, not 10', 'p-child-3 arrived 2 times'],
        { arrived: [...children, 'p-child-3'] },
      ],
      [
        ['9 arrivals were counted, not 10', 'p-child-10 arrived 0 times'],
        { arrived: children.slice(0, 9) },
      ],
      [['11 arrivals were counted, not 10'], { arrived: [...children, 'somebody'] }],
      [['it went on before all its children had arrived'], { timedOut: true }],
    ])('says: %s', (problems, change) => {
      expect(withEntity(change, parent)).toEqual(problems);
    });
  });
});
