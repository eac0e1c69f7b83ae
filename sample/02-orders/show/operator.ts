import { setTimeout as sleep } from 'node:timers/promises';

/** A chain, as the console tells of it. */
interface Chain {
  readonly key: string;
  readonly run: string;
  readonly step: number;
  readonly leaseId: string;
}

/**
 * Somebody of the staff with the console open: looks at what has failed, and presses "Retry". What is asked for is what the
 * console's page asks for, with what a browser adds by itself.
 */
export class Operator {
  /** The keys of what was retried, once for each time. */
  readonly retried: string[] = [];

  /**
   * @param shop the shop's address
   * @param password what the staff say to be let in
   */
  constructor(
    private readonly shop: string,
    private readonly password: string,
  ) {}

  /** Until the signal fires: a look every second. */
  async work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.retryFailed();
      await sleep(1_000, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Has every order go on whose run has failed. */
  async retryFailed(): Promise<void> {
    for (const { key, run, step, leaseId } of await this.failed()) {
      const done = await this.ask('chain/retry', { key, run, step, leaseId });
      if (done !== undefined) this.retried.push(key);
    }
  }

  private async failed(): Promise<Chain[]> {
    const page = (await this.ask('chains?kind=Order&state=failed')) ?? {};
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an answer of the console's
    return 'chains' in page ? (page.chains as Chain[]) : [];
  }

  /** Undefined: the shop is dead just now, or refused. */
  private async ask(path: string, body?: object): Promise<object | undefined> {
    try {
      const response = await fetch(`${this.shop}/locker/api/${path}`, {
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
        headers: {
          authorization: `Basic ${Buffer.from(`operator:${this.password}`).toString('base64')}`,
          origin: this.shop,
          'content-type': 'application/json',
          // Which the page of no other site can send: see "How it is guarded" in the console's documentation.
          'x-locker-console': '1',
        },
        signal: AbortSignal.timeout(5_000),
      });
      const answer: unknown = await response.json();
      return response.ok && typeof answer === 'object' && answer ? answer : undefined;
    } catch {
      return undefined;
    }
  }
}
