import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** One line of the ledger: what a handler did, when, and in which process. */
export interface LedgerEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `effect` is what the outside world sees of a step; the others tell when its handler began and ended. */
  readonly what: 'began' | 'effect' | 'left';
  readonly chain: string;
  readonly step: number;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly pid: number;
  /** How the handler ended. */
  readonly how?: string;
}

/** A file outside of Datastore that several processes append to, and that survives them: what cannot be taken back. */
export class Ledger {
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  /** One write of one line, so that no two processes mix theirs; on the disk when it returns. */
  append(entry: LedgerEntry): void {
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
    fsyncSync(this.file);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** The lines of a ledger, in the order in which they were written. */
export function readLedger(path: string): LedgerEntry[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerEntry);
}
