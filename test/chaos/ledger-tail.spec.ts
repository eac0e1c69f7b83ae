import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger, readLedger } from './ledger.js';
import { LedgerTail } from './ledger-tail.js';
import { line } from './verdict/untroubled.js';

describe('a ledger', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    path = join(folder, 'ledger.jsonl');
    writeFileSync(path, '');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps what several have appended, in their order', () => {
    const one = new Ledger(path);
    const other = new Ledger(path);
    const lines = [line('c', 1, 'began'), line('d', 1, 'began'), line('c', 1, 'effect')];
    one.append(lines[0] ?? line('', 0, 'began'));
    other.append(lines[1] ?? line('', 0, 'began'));
    one.append(lines[2] ?? line('', 0, 'began'));
    one.close();
    other.close();
    expect(readLedger(path)).toEqual(lines);
  });

  it('is followed as it grows, also when a line is only half there', () => {
    const tail = new LedgerTail(path);
    const text = [1, 2, 2, 3, 4]
      .flatMap((step) => [line('chain-1', step, 'began'), line('chain-1', step, 'effect')])
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join('');
    appendFileSync(path, text.slice(0, -20));
    expect(tail.follow()).toMatchObject({ begun: 5, effects: 4, steps: 3 });
    expect(tail.hasEnded('chain-1')).toBe(false);
    appendFileSync(path, text.slice(-20));
    expect(tail.follow()).toMatchObject({ begun: 5, effects: 5, steps: 4 });
    expect(tail.hasEnded('chain-1')).toBe(true);
    tail.close();
  });
});
