import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));
const hooks = new URL('../support/load-typescript.ts', import.meta.url).href;

/** The program `nestjs-datastore-locker` as a real process, from its sources. */
export class ChildProgram {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  private readonly process: ChildProcess;
  private readonly exited: Promise<unknown[]>;
  private wake: () => void = () => undefined;

  constructor(...args: string[]) {
    this.process = spawn(process.execPath, ['--no-warnings', '--import', hooks, main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exited = once(this.process, 'close');
    this.collect('stdout', this.lines);
    this.collect('stderr', this.errors);
  }

  /** The first line that the pattern matches; rejects if the program ends without. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = this.lines.map((line) => pattern.exec(line)).find((match) => match !== null);
      if (found) return found;
      const more = new Promise<'more'>((resolve) => (this.wake = () => resolve('more')));
      if ((await Promise.race([more, this.exited])) !== 'more') {
        throw new Error(`It ended: ${this.errors.join('\n')}`);
      }
    }
  }

  /** `127.0.0.1:PORT` of Cloud Tasks. */
  async tasksHost(): Promise<string> {
    const [, host = ''] = await this.line(/CLOUD_TASKS_EMULATOR_HOST=(.*)/);
    return host;
  }

  /** Ends this process, and no other. */
  async end(signal: NodeJS.Signals): Promise<{ code: unknown; signal: unknown }> {
    this.process.kill(signal);
    return this.ended();
  }

  /** How it ended by itself. */
  async ended(): Promise<{ code: unknown; signal: unknown }> {
    const [code, signal] = await this.exited;
    return { code, signal };
  }

  private collect(stream: 'stdout' | 'stderr', lines: string[]): void {
    const input = this.process[stream];
    if (!input) return;
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      this.wake();
    });
  }
}
