import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '../chance.js';
import { progressMs, restartAfterMs, stopMs, type Plan } from '../plan.js';
import type { LedgerTail } from '../ledger-tail.js';
import type { Emulator } from '../programs/emulator.js';
import type { Worker } from '../programs/worker.js';
import type { Incident } from './incident.js';
import { planTroubles, type Trouble } from './plan-troubles.js';

const sorts = ['worker killed', 'emulator killed', 'worker stopped'] as const;

/** Kills and stops programs, and brings them back. */
export class Troublemaker {
  readonly incidents: Incident[] = [];

  constructor(
    private readonly workers: readonly Worker[],
    private readonly emulator: Emulator,
    private readonly ledger: LedgerTail,
    private readonly signal: AbortSignal,
  ) {}

  /** All sorts of trouble side by side, each by itself one after the other. Resolves when everybody is up again. */
  async make(plan: Plan): Promise<void> {
    const end = Date.now() + plan.troubleMs;
    await Promise.all(
      sorts.map(async (what) => {
        for (const trouble of planTroubles(plan, what)) {
          if (Date.now() + trouble.pauseMs > end) return;
          const { begun } = this.ledger.follow();
          await this.sleep(trouble.pauseMs);
          await this.someBegin(begun);
          await this.strike(trouble);
        }
      }),
    );
  }

  private async strike({ what, fate }: Trouble): Promise<void> {
    switch (what) {
      case 'emulator killed':
        return this.killEmulator(fate);
      case 'worker killed':
        return this.killWorker(await this.victim(fate, toKill(fate)), fate);
      case 'worker stopped':
        return this.stopWorker(await this.victim(fate, toStop), fate);
    }
  }

  /** On a slow machine nothing would ever run if trouble did not wait for it. */
  private async someBegin(begun: number): Promise<void> {
    const limit = Date.now() + progressMs;
    while (this.ledger.follow().begun === begun && Date.now() < limit) await this.sleep(50);
  }

  private async killEmulator(fate: number): Promise<void> {
    const { pid } = this.emulator;
    const at = Date.now();
    await this.emulator.kill();
    await this.sleep(within(restartAfterMs, fate));
    await this.emulator.start();
    this.incidents.push({ what: 'emulator killed', pid, at, until: Date.now() });
  }

  private async killWorker(victim: Worker, fate: number): Promise<void> {
    const { pid } = victim;
    const at = Date.now();
    await victim.kill();
    await this.sleep(within(restartAfterMs, fate));
    await victim.start();
    this.incidents.push({ what: 'worker killed', pid, at, until: Date.now() });
  }

  private async stopWorker(victim: Worker, fate: number): Promise<void> {
    const { pid } = victim;
    const at = Date.now();
    victim.stop();
    const until = at + within(stopMs, fate);
    while (victim.pid === pid && victim.isStopped && Date.now() < until) await this.sleep(20);
    victim.resume(pid);
    this.incidents.push({ what: 'worker stopped', pid, at, until: Date.now() });
  }

  /** One of the workers that may be struck; waits until there is one. */
  private async victim(fate: number, choice: Choice): Promise<Worker> {
    for (;;) {
      const fit = choice(this.workers.filter(({ port }) => port !== undefined));
      const victim = fit[Math.floor(fate * fit.length)];
      if (victim) return victim;
      await this.sleep(20);
    }
  }

  private async sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.signal });
  }
}

/** Of the workers that listen, those that may be struck. */
type Choice = (listening: readonly Worker[]) => readonly Worker[];

/**
 * Most kills leave somebody who listens, or on a slow machine hardly anything would ever run; and spare who stands still,
 * so that it wakes up with leases that others have by then.
 */
function toKill(fate: number): Choice {
  const isReckless = (fate * 1_000) % 1 < 0.25;
  return (listening) => {
    if (isReckless) return listening;
    return listening.length > 1 ? listening.filter(({ isStopped }) => !isStopped) : [];
  };
}

/** One stands still at a time, and another goes on. */
function toStop(listening: readonly Worker[]): readonly Worker[] {
  return listening.length > 1 && !listening.some(({ isStopped }) => isStopped) ? listening : [];
}
