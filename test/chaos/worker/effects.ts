import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import type { Lease } from 'nestjs-datastore-locker';
import { chance, within } from '../chance.js';
import { Ledger, type LedgerEntry } from '../ledger.js';
import { work } from '../plan.js';
import { chaosConfig } from './chaos.config.js';

/** What steps do to the outside world. */
@Injectable()
export class Effects {
  private readonly ledger: Ledger;

  constructor(@Inject(chaosConfig.KEY) private readonly config: ConfigType<typeof chaosConfig>) {
    this.ledger = new Ledger(config.ledger);
  }

  /** Works for a while with an effect in the midst of it, and has the step settled. */
  async around(lease: Lease, settle: () => Promise<unknown>): Promise<void> {
    this.append('began', lease);
    try {
      const ms = this.workMs(lease);
      const before = this.chance(lease, 'before');
      await this.work(lease, ms * before);
      this.append('effect', lease);
      await this.work(lease, ms * (1 - before));
      await settle();
      this.append('left', lease, 'settled');
    } catch (error) {
      this.append('left', lease, error instanceof Error ? error.name : String(error));
      throw error;
    }
  }

  /** Half of the chains heed the signal; the other half work on, as code that cannot be interrupted does. */
  private async work({ key, signal }: Lease, ms: number): Promise<void> {
    const heeds = chance(this.config.seed, 'heeds', key.name ?? '') < 0.5;
    await sleep(ms, undefined, heeds ? { signal } : {});
  }

  private workMs(lease: Lease): number {
    const range = this.chance(lease, 'long') < work.long ? work.longMs : work.usualMs;
    return within(range, this.chance(lease, 'work'));
  }

  private chance({ key, step, attempt }: Lease, subject: string): number {
    return chance(this.config.seed, subject, key.name ?? '', step, attempt);
  }

  private append(what: LedgerEntry['what'], lease: Lease, how?: string): void {
    const { key, step, attempt, idempotencyKey } = lease;
    const { pid } = process;
    const chain = key.name ?? '';
    const entry = { at: Date.now(), what, chain, step, attempt, idempotencyKey, pid };
    this.ledger.append({ ...entry, ...(how !== undefined && { how }) });
  }
}
