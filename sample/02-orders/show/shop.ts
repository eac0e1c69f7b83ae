import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from './program.js';

/** The shop as its customers see it: at one address, served by an instance that may be dead. */
export class Shop {
  /** How often its instance was killed. */
  kills = 0;
  private program: Program | undefined;

  constructor(
    private readonly url: string,
    private readonly log: string,
  ) {}

  /** Starts an instance; resolves when it listens. */
  async start(): Promise<void> {
    this.program = Program.start(['worker'], process.env, this.log);
    await this.program.message();
  }

  /** kill -9, and another instance. */
  async kill(): Promise<void> {
    await this.program?.kill();
    this.kills += 1;
    await this.start();
  }

  async end(): Promise<void> {
    await this.program?.end();
  }

  /** Places an order, again until it is answered: whoever gets no answer does not know whether it is there. */
  async place(order: object, signal: AbortSignal): Promise<void> {
    while (!(await this.takes(order))) await sleep(100, undefined, { signal });
  }

  private async takes(order: object): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order),
        signal: AbortSignal.timeout(5_000),
      });
      await response.text();
      return response.ok;
    } catch {
      return false;
    }
  }
}
