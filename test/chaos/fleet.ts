import { chance } from './chance.js';
import { faults, workerOptions, type Plan } from './plan.js';
import { Emulator } from './programs/emulator.js';
import { Forwarder } from './programs/forwarder.js';
import { createQueue } from './programs/queue.js';
import { Worker } from './programs/worker.js';

/** Everything that a run starts: the emulator, two workers, and the one address in front of them. */
export class Fleet {
  readonly workers: Worker[] = [];
  private forwarder: Forwarder | undefined;
  private requests = 0;

  private constructor(
    readonly folder: string,
    readonly emulator: Emulator,
    private readonly seed: number,
  ) {}

  static async in(folder: string, { seed }: Plan): Promise<Fleet> {
    return new Fleet(folder, await Emulator.in(folder, faults), seed);
  }

  /** Where the application is reached. */
  get url(): string {
    return this.forwarder?.url ?? '';
  }

  get ledgerFile(): string {
    return `${this.folder}/ledger.jsonl`;
  }

  get logs(): string[] {
    return ['worker-a', 'worker-b'].map((name) => `${this.folder}/${name}.log`);
  }

  async start(): Promise<void> {
    this.forwarder = await Forwarder.start(() => this.choose());
    const environment = {
      ...workerOptions(this.forwarder.url),
      DATASTORE_EMULATOR_HOST: this.emulator.datastoreHost,
      CLOUD_TASKS_EMULATOR_HOST: this.emulator.tasksHost,
      CHAOS_LEDGER: this.ledgerFile,
      CHAOS_SEED: String(this.seed),
    };
    await this.emulator.start();
    await createQueue(this.emulator.tasksHost);
    for (const log of this.logs) this.workers.push(new Worker(environment, log));
    await Promise.all(this.workers.map((worker) => worker.start()));
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end()));
    await this.emulator.end();
    await this.forwarder?.end();
  }

  /** A front end does not know who stands still. */
  private choose(): number | undefined {
    const ports = this.workers.flatMap(({ port }) => port ?? []);
    return ports[Math.floor(chance(this.seed, 'request', this.requests++) * ports.length)];
  }
}
