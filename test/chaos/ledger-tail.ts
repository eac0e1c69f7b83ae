import { closeSync, openSync, readSync } from 'node:fs';
import type { LedgerEntry } from './ledger.js';
import { kindOf, stepsOf } from './names.js';

/** Follows a ledger as it grows, and counts. */
export class LedgerTail {
  /** Handlers that have begun, and effects that they had. */
  begun = 0;
  effects = 0;
  private readonly keys = new Set<string>();
  private readonly ended = new Set<string>();
  private readonly file: number;
  private readonly chunk = Buffer.alloc(64 * 1_024);
  private rest = '';

  constructor(path: string) {
    this.file = openSync(path, 'r');
  }

  /** Steps that have had their effect, each counted once. */
  get steps(): number {
    return this.keys.size;
  }

  /** Whether a chain's last step has had its effect. */
  hasEnded(chain: string): boolean {
    return this.ended.has(chain);
  }

  /** Counts what has been appended since. */
  follow(): this {
    for (;;) {
      const length = readSync(this.file, this.chunk);
      if (length === 0) return this;
      const lines = (this.rest + this.chunk.toString('utf8', 0, length)).split('\n');
      this.rest = lines.pop() ?? '';
      for (const line of lines) this.count(JSON.parse(line) as LedgerEntry);
    }
  }

  close(): void {
    closeSync(this.file);
  }

  private count({ what, chain, step, idempotencyKey }: LedgerEntry): void {
    if (what === 'began') this.begun += 1;
    if (what !== 'effect') return;
    this.effects += 1;
    this.keys.add(idempotencyKey);
    if (step === stepsOf[kindOf(chain)]) this.ended.add(chain);
  }
}
