import type { Delivered, Ended } from '../google/simulated-queue.js';
import type { Scheduler } from '../world/scheduler.js';
import type { Story } from '../world/story.js';
import { Calls } from './calls.js';
import { Instance, type Surroundings } from './instance.js';
import { Process } from './process.js';

/** How the instances of the application live. */
export interface FleetTerms {
  readonly instances: number;
  /** Whether an instance recovers when it starts. */
  readonly recoversAtStart: boolean;
  /** How far off the clock of the n-th process is, milliseconds. */
  readonly skewOf: (process: number) => number;
  readonly latency: () => number;
  /** Which of so many gets the next request. */
  readonly pick: (count: number) => number;
  readonly seed: number;
}

/**
 * Milliseconds: until a dead instance's successor runs, until its callers notice, until the platform cuts a request
 * off; how long an instance that is to end waits for its handlers, and how long it lives after that.
 */
const delays = { restart: 5_000, reset: 100, cutOff: 300_000, leave: 8_000, exit: 2_000 };

/** The instances that run, and those that take their places when they die. */
export class Fleet {
  private readonly running: Instance[] = [];
  private started = 0;

  constructor(
    private readonly terms: FleetTerms,
    private readonly surroundings: Surroundings,
    private readonly scheduler: Scheduler,
    private readonly story: Story,
  ) {
    for (let slot = 0; slot < terms.instances; slot++) this.start(slot);
  }

  /** One of the instances that have not died; undefined: all have. A stalled one does not look it. */
  any(): Instance | undefined {
    const instance = this.running[this.terms.pick(this.running.length)];
    this.scheduler.observe(() => instance?.process.name ?? 'nobody');
    return instance;
  }

  /** Who runs, and what they have heard. */
  get mark(): string {
    return this.running.map(({ process }) => process.mark).join('\n');
  }

  /** Sends a request to one of the instances. */
  deliver(delivered: Delivered, ended: Ended): void {
    const { latency } = this.terms;
    const instance = this.any();
    if (!instance) {
      this.later(delays.reset, 'no instance', () => ended(undefined));
      return;
    }
    const { process } = instance;
    this.story.tell(
      'queue',
      () => `sends ${delivered.name} to ${process.name}: ${words(delivered)}`,
    );
    process.onDeath(() => {
      this.later(delays.reset, 'connection reset', () => ended(undefined));
    });
    const stopTimer = this.later(delays.cutOff, 'request cut off', () => ended(504));
    instance.serve(delivered, (status) => {
      stopTimer();
      this.later(latency(), `answer to ${delivered.name}`, () => ended(status));
    });
  }

  /** Has an instance shut down in order, as a new version or less traffic would. */
  retire(instance: Instance): void {
    const { process } = instance;
    this.surroundings.troubles.count++;
    this.surroundings.troubles.losses++;
    this.story.tell(process.name, () => 'is asked to shut down');
    this.scheduler.involve(process);
    const end = () => process.after(delays.exit, () => process.die());
    instance.leave(delays.leave).then(end, end);
  }

  private start(slot: number): void {
    const { terms, scheduler, surroundings, story } = this;
    const number = ++this.started;
    const process = new Process(`w${slot + 1}.${number}`, scheduler, terms.skewOf(number));
    const calls = new Calls(process, surroundings.troubles, scheduler, terms.latency, story);
    const instance = new Instance(process, calls, surroundings, terms.seed * 1_000 + number);
    calls.shutDown = () => this.retire(instance);
    this.running.push(instance);
    process.onDeath(() => {
      story.tell(process.name, () => 'is dead');
      this.running.splice(this.running.indexOf(instance), 1);
      this.later(delays.restart, 'an instance starts', () => this.start(slot));
    });
    if (terms.recoversAtStart && number > terms.instances)
      instance.recover().catch(() => undefined);
  }

  private later(delayMs: number, what: string, run: () => void): () => void {
    return this.scheduler.after(delayMs, what, run);
  }
}

function words({ headers, path }: Delivered): string {
  if (headers['x-lock-run'] === undefined) return path;
  const number = headers['x-lock-dispatch'] ?? '0';
  return `${path}, run …${headers['x-lock-run'].slice(-4)} step ${headers['x-lock-seq']} number ${number}, retry ${headers['x-cloudtasks-taskretrycount']}`;
}
