import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is run, and where its output goes. */
export interface ProgramOptions {
  readonly file: string;
  readonly args?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly log: string;
}

const endWithParent = new URL('./end-with-parent.js', import.meta.url).href;

/** How long a program may take to end when it is asked to, milliseconds. */
const patience = 3_000;

/** One process of our own, from its start to its end; signals go to it by its own id and to no other. */
export class Program {
  private readonly exited: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'exit');
  }

  static start({ file, args = [], environment, log }: ProgramOptions): Program {
    const output = openSync(log, 'a');
    try {
      const child = spawn(
        process.execPath,
        ['--enable-source-maps', '--import', endWithParent, file, ...args],
        {
          stdio: ['ignore', output, output, 'ipc'],
          env: { ...process.env, ...environment },
        },
      );
      return new Program(child);
    } finally {
      closeSync(output);
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The first message that the program sends; rejects when it ends without. */
  async message(): Promise<unknown> {
    const told = once(this.child, 'message').then(([message]: unknown[]) => message);
    const ended = this.exited.then(() => {
      throw new Error(`Process ${this.pid} ended before it was ready.`);
    });
    return Promise.race([told, ended]);
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.child.kill(signal);
  }

  /** kill -9: nothing of the program runs any more when this resolves. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    if (this.isRunning) await this.exited;
  }

  /** Asks the program to end, and sees to it that it does. */
  async end(): Promise<void> {
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const late = new AbortController();
    const limit = sleep(patience, undefined, { signal: late.signal }).catch(() => undefined);
    if (this.isRunning) await Promise.race([this.exited, limit]);
    late.abort();
    await this.kill();
  }
}
