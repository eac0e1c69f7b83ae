import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Emulator } from 'nestjs-datastore-locker/emulator';
import { beginsOnRead } from './google-datastore.js';

const program = fileURLToPath(new URL('./worker-program.ts', import.meta.url));
const hooks = new URL('./load-typescript.ts', import.meta.url).href;

/** `worker-program.ts` as a real process. */
export class WorkerProcess {
  private readonly process: ChildProcess;
  private readonly exited: Promise<unknown[]>;
  private readonly lines: string[] = [];
  private wake = () => {};

  constructor(port: number, emulator: Emulator) {
    this.process = spawn(
      process.execPath,
      ['--no-warnings', '--import', hooks, program, String(port)],
      {
        env: { ...process.env, ...emulator.env, LOCKER_BEGIN_ON_READ: String(beginsOnRead()) },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    this.exited = once(this.process, 'close');
    if (this.process.stdout)
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        this.lines.push(line);
        this.wake();
      });
  }

  /** Resolves when the program has printed a line; rejects if it ends without. */
  async printed(line: string): Promise<void> {
    while (!this.lines.includes(line)) {
      const more = new Promise<'more'>((resolve) => (this.wake = () => resolve('more')));
      if ((await Promise.race([more, this.exited])) !== 'more') throw new Error('It ended.');
    }
  }

  /** Asks it to end, and waits until it has. */
  async terminate(): Promise<{ code: unknown; signal: unknown }> {
    this.process.kill('SIGTERM');
    const [code, signal] = await this.exited;
    return { code, signal };
  }

  /** Whatever state it is in. */
  kill(): void {
    this.process.kill('SIGKILL');
  }
}
