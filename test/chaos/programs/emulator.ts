import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { Program } from './program.js';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The emulator as a program of its own, always on the same file and ports. */
export class Emulator {
  private program: Program | undefined;

  private constructor(
    private readonly folder: string,
    private readonly ports: {
      readonly datastore: number;
      readonly tasks: number;
      readonly control: number;
    },
    private faults: readonly object[],
  ) {}

  /** @param faults the trouble that it makes by itself, from each of its starts on */
  static async in(folder: string, faults: readonly object[]): Promise<Emulator> {
    const datastore = await freePort();
    const tasks = await freePort();
    const control = await freePort();
    return new Emulator(folder, { datastore, tasks, control }, faults);
  }

  get pid(): number {
    return this.program?.pid ?? 0;
  }

  get datastoreHost(): string {
    return `127.0.0.1:${this.ports.datastore}`;
  }

  get tasksHost(): string {
    return `127.0.0.1:${this.ports.tasks}`;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const { datastore, tasks, control } = this.ports;
    this.program = Program.start({
      file: main,
      args: [
        'emulator',
        `--data=${this.folder}/emulator.sqlite`,
        `--datastore-port=${datastore}`,
        `--tasks-port=${tasks}`,
        `--control-port=${control}`,
      ],
      environment: {},
      log: `${this.folder}/emulator.log`,
    });
    await this.answering(this.program);
    for (const fault of this.faults) await this.control('POST', JSON.stringify(fault));
  }

  async kill(): Promise<void> {
    await this.program?.kill();
  }

  async end(): Promise<void> {
    await this.program?.end();
  }

  /** No more trouble from the emulator itself. */
  async calm(): Promise<void> {
    this.faults = [];
    await this.control('DELETE');
  }

  private async control(method: string, body?: string): Promise<void> {
    const url = `http://127.0.0.1:${this.ports.control}/faults`;
    const response = await fetch(url, { method, ...(body !== undefined && { body }) });
    if (!response.ok) throw new Error(`${method} ${url}: ${await response.text()}`);
    await response.arrayBuffer();
  }

  private async answering(program: Program): Promise<void> {
    for (;;) {
      if (!program.isRunning)
        throw new Error(`The emulator did not start; see ${this.folder}/emulator.log.`);
      try {
        return await this.control('GET');
      } catch {
        await sleep(50);
      }
    }
  }
}
