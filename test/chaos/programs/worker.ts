import { fileURLToPath } from 'node:url';
import { Program } from './program.js';

const main = fileURLToPath(new URL('../worker/main.js', import.meta.url));

/** One of the places where an instance of the application runs. */
export class Worker {
  /** Where it listens; undefined: it does not. */
  port: number | undefined;
  isStopped = false;
  private program: Program | undefined;

  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    private readonly log: string,
  ) {}

  get pid(): number {
    return this.program?.pid ?? 0;
  }

  /** Starts an instance; resolves when it listens. */
  async start(): Promise<void> {
    const { environment, log } = this;
    const program = Program.start({ file: main, environment, log });
    this.program = program;
    const message = await program.message();
    if (typeof message !== 'object' || !message || !('port' in message))
      throw new Error(`A worker told ${JSON.stringify(message)} instead of its port.`);
    this.port = Number(message.port);
  }

  async kill(): Promise<void> {
    this.port = undefined;
    this.isStopped = false;
    await this.program?.kill();
  }

  /** It stands still, and everybody still takes it for alive. */
  stop(): void {
    this.isStopped = true;
    this.program?.signal('SIGSTOP');
  }

  /** It goes on, unless it is not the same process any more. */
  resume(pid: number): void {
    if (pid !== this.pid) return;
    this.isStopped = false;
    this.program?.signal('SIGCONT');
  }

  async end(): Promise<void> {
    this.port = undefined;
    await this.program?.end();
  }
}
