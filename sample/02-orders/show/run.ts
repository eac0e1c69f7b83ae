import { setTimeout as sleep } from 'node:timers/promises';
import type { Output } from '../../surroundings/output.js';
import type { Archive } from './archive.js';
import type { Operator } from './operator.js';
import { orderOf, type Plan } from './plan.js';
import type { Shop } from './shop.js';

/** What the outside world has seen so far. */
export interface Seen {
  readonly charges: number;
  readonly mails: number;
}

/** Customers who order, somebody who kills, and somebody at the console, until every order is over. */
export class Run {
  private placed = 0;
  private readonly began = Date.now();

  constructor(
    private readonly plan: Plan,
    private readonly shop: Shop,
    /** Undefined: whoever reads what is printed is the one. */
    private readonly operator: Operator | undefined,
    private readonly archive: Archive,
    private readonly output: Output,
  ) {}

  /** Resolves when all is over, or its time is. */
  async toTheEnd(seen: () => Seen): Promise<void> {
    const over = new AbortController();
    const limit = setTimeout(() => over.abort(), this.plan.limitMs);
    const telling = setInterval(() => this.tell(seen()), 5_000);
    const operating = this.operator?.work(over.signal);
    try {
      await Promise.all([this.order(over.signal), this.kill(over.signal)]);
      while (!over.signal.aborted && !(await this.allAreOver())) await sleep(500);
    } catch (error) {
      if (!over.signal.aborted) throw error;
    } finally {
      clearInterval(telling);
      clearTimeout(limit);
      over.abort();
      await operating;
      this.tell(seen());
    }
  }

  /** As many orders as deaths allow for, so that the last one is placed about when the shop dies for the last time. */
  private async order(signal: AbortSignal): Promise<void> {
    const { orders, kills } = this.plan;
    while (this.placed < orders) {
      const due = Math.ceil((orders * (this.shop.kills + 1)) / (kills + 1));
      if (this.placed < due) await this.shop.place(orderOf(this.placed++), signal);
      else await sleep(50, undefined, { signal });
    }
  }

  private async kill(signal: AbortSignal): Promise<void> {
    const [least, most] = this.plan.lifeMs;
    while (this.shop.kills < this.plan.kills) {
      await sleep(least + Math.random() * (most - least), undefined, { signal });
      await this.shop.kill();
    }
  }

  private async allAreOver(): Promise<boolean> {
    const orders = await this.archive.orders();
    return orders.filter(({ state }) => state === 'completed').length === this.plan.orders;
  }

  private tell({ charges, mails }: Seen): void {
    const { kills } = this.shop;
    const seconds = String(Math.round((Date.now() - this.began) / 1_000)).padStart(4);
    const { orders } = this.plan;
    const byHand = this.operator
      ? `${this.operator.retried.length} retried by hand`
      : 'what fails waits for you';
    this.output.line(
      `  ${seconds} s  ${this.placed} of ${orders} ordered, ${charges} charged, ${mails} mails, ${byHand}; deaths: ${kills}`,
    );
  }
}
