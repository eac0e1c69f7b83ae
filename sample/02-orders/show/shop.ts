import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from './program.js';

/** The shop as its customers and its operator see it: at one address, served by an instance that may be dead. */
export class Shop {
  /** How often its instance was killed. */
  kills = 0;
  /** The orders that were retried by hand, once for each time. */
  readonly retried: string[] = [];
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
    for (;;) {
      const answer = await this.ask('POST', '/orders', order);
      if (answer !== undefined) return;
      await sleep(100, undefined, { signal });
    }
  }

  /** What an operator does: looks at what has failed, and has it go on. */
  async retryFailed(): Promise<void> {
    const failed = await this.ask('GET', '/orders/failed');
    for (const order of Array.isArray(failed) ? failed : []) {
      const id: unknown = typeof order === 'object' && order ? Reflect.get(order, 'id') : '';
      if ((await this.ask('POST', `/orders/${String(id)}/retry`, {})) !== undefined)
        this.retried.push(String(id));
    }
  }

  /** Undefined: there was no answer, or one that says that something is wrong. */
  private async ask(method: string, path: string, body?: object): Promise<unknown> {
    try {
      const response = await fetch(this.url + path, {
        method,
        ...(body && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
        signal: AbortSignal.timeout(5_000),
      });
      const answer: unknown = await response.json();
      return response.ok ? answer : undefined;
    } catch {
      return undefined;
    }
  }
}
