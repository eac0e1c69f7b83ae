import type { Entropy } from '../../../lib/system/entropy.js';
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
  /** Whether requests go to instances that stand still, too: they do not look it. */
  readonly reachesStalled: boolean;
  readonly latency: () => number;
  /** Which of so many gets the next request. */
  readonly pick: (count: number) => number;
  /** Where the n-th process has its ids from. */
  readonly entropyOf: (process: number) => Entropy;
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

  /** One of the instances that have not died; undefined: none is reached. */
  any(): Instance | undefined {
    const { pick, reachesStalled } = this.terms;
    for (const { process } of this.running) this.scheduler.touch(process.name, 'reads');
    const reached = this.running.filter(({ process }) => reachesStalled || process.isRunning);
    // Where there is a choice, they take turns.
    this.scheduler.touch('the instances', reached.length > 1 ? 'writes' : 'reads');
    const instance = reached[pick(reached.length)];
    this.scheduler.observe(() => instance?.process.name ?? 'nobody');
    return instance;
  }

  /** Who runs, and what they have heard. */
  get mark(): string {
    return this.running.map(({ process }) => process.mark).join('\n');
  }

  /** Sends a request to one of the instances. */
  deliver(delivered: Delivered, ended: Ended): void {
    const { name } = delivered;
    const instance = this.any();
    if (!instance) return this.hearNothing('no instance', delivered, ended);
    const { process } = instance;
    this.story.tell('queue', () => `sends ${name} to ${process.name}: ${words(delivered)}`);
    instance.serve(delivered, this.untilAnswered(process, delivered, ended));
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

  /** The way back of an answer, unless the request is cut off before, or its process dies. */
  private untilAnswered(process: Process, delivered: Delivered, ended: Ended): Ended {
    const { name, attempt } = delivered;
    const content = `cut off ${attempt}`;
    const cutOff = this.scheduler.after(delays.cutOff, 'request cut off', () => ended(504), {
      content,
    });
    const takeBack = process.onDeath(() => {
      cutOff();
      this.hearNothing('connection reset', delivered, ended);
    });
    return (status) => {
      cutOff();
      takeBack();
      this.scheduler.after(this.terms.latency(), `answer to ${name}`, () => ended(status), {
        content: `answer to ${attempt}: ${status}`,
      });
    };
  }

  private hearNothing(why: string, { attempt }: Delivered, ended: Ended): void {
    const content = `${why}: ${attempt}`;
    this.scheduler.after(delays.reset, why, () => ended(undefined), { content });
  }

  private start(slot: number): void {
    const { terms, scheduler, surroundings, story } = this;
    scheduler.touch('the instances', 'writes');
    const number = ++this.started;
    const process = new Process(`w${slot + 1}.${number}`, scheduler, terms.skewOf(number));
    const calls = new Calls(process, surroundings.troubles, scheduler, terms.latency, story);
    const instance = new Instance(process, calls, surroundings, terms.entropyOf(number));
    calls.shutDown = () => this.retire(instance);
    this.running.push(instance);
    process.onDeath(() => {
      story.tell(process.name, () => 'is dead');
      surroundings.operations.died(process.name);
      scheduler.touch('the instances', 'writes');
      this.running.splice(this.running.indexOf(instance), 1);
      const content = `start in ${slot}`;
      scheduler.after(delays.restart, 'an instance starts', () => this.start(slot), { content });
    });
    if (terms.recoversAtStart && number > terms.instances)
      instance.recover().catch(() => undefined);
  }
}

function words({ headers, path }: Delivered): string {
  if (headers['x-lock-run'] === undefined) return path;
  const number = headers['x-lock-dispatch'] ?? '0';
  return `${path}, run …${headers['x-lock-run'].slice(-4)} step ${headers['x-lock-seq']} number ${number}, retry ${headers['x-cloudtasks-taskretrycount']}`;
}
