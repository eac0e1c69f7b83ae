import { setTimeout as sleep } from 'node:timers/promises';
import { chance } from '../chance.js';
import type { LedgerTail } from '../ledger-tail.js';
import { startedChains, type ChainName } from '../names.js';
import type { Plan } from '../plan.js';

/** Who starts chains, over HTTP, as a user's own callers would. */
export class Callers {
  /** How many starts have been answered well. */
  started = 0;
  /** Those whose caller died without knowing whether they had begun. */
  readonly leftAlone: ChainName[] = [];

  constructor(
    private readonly plan: Plan,
    private readonly url: string,
    private readonly ledger: LedgerTail,
    private readonly signal: AbortSignal,
  ) {}

  /** Starts all chains, one after the other; it waits for the ends of others when too many are under way. */
  async startAll(): Promise<void> {
    const { startEveryMs, underWay } = this.plan;
    const starts: Promise<void>[] = [];
    const begun: ChainName[] = [];
    for (const chain of startedChains(this.plan)) {
      while (this.notEnded(begun) >= underWay) await this.sleep(100);
      begun.push(chain);
      starts.push(this.start(chain));
      await this.sleep(startEveryMs);
    }
    await Promise.all(starts);
  }

  /** Starts a chain, again and again if need be; some callers die at their first failure. */
  async start(chain: ChainName, { mayDie = true } = {}): Promise<void> {
    const dies = chance(this.plan.seed, 'caller dies', chain.name) < this.plan.dyingCallers;
    while (!(await this.call(chain))) {
      if (mayDie && dies) {
        this.leftAlone.push(chain);
        return;
      }
      await this.sleep(500);
    }
    this.started += 1;
  }

  private notEnded(begun: readonly ChainName[]): number {
    const ledger = this.ledger.follow();
    return begun.filter((chain) => !ledger.hasEnded(chain.name) && !this.leftAlone.includes(chain))
      .length;
  }

  private async call({ kind, name }: ChainName): Promise<boolean> {
    const controller = kind === 'parent' ? 'family' : 'chain';
    try {
      const response = await fetch(`${this.url}/${controller}/start/${name}`, {
        method: 'POST',
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(20_000)]),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      this.signal.throwIfAborted();
      return false;
    }
  }

  private async sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.signal });
  }
}
