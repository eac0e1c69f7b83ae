import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';

/** This very sample as a process of its own, in another role; signals go to it by its id and to no other. */
export class Program {
  private readonly exited: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'exit');
  }

  /** @param log the file that its output is added to */
  static start(role: readonly string[], environment: NodeJS.ProcessEnv, log: string): Program {
    const output = openSync(log, 'a');
    try {
      const [, main = ''] = process.argv;
      return new Program(
        spawn(process.execPath, [...process.execArgv, main, ...role], {
          stdio: ['ignore', output, output, 'ipc'],
          env: environment,
        }),
      );
    } finally {
      closeSync(output);
    }
  }

  /** The first message that it sends; rejects when it ends without. */
  async message(): Promise<unknown> {
    const told = once(this.child, 'message').then(([message]: unknown[]) => message);
    const ended = this.exited.then(() => {
      throw new Error('A program ended before it was ready.');
    });
    return Promise.race([told, ended]);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** Asks it to end, and sees to it that it does. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const tooLate = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await this.exited;
    clearTimeout(tooLate);
  }
}

/** In a program: it ends with the process that started it, however that one ends. */
export function endWithParent(): void {
  process.once('disconnect', () => process.exit(1));
  process.channel?.unref();
}
