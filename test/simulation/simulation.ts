import { settingsOf, Directory } from './workload/directory.js';
import { readLock } from '../../lib/datastore/lock-properties.js';
import type { EntityProto } from '../../lib/google/datastore-api.js';
import type { Circumstances } from './circumstances.js';
import type { Oracle } from './decisions/oracle.js';
import { Random } from './decisions/random.js';
import { DerivedEntropy, SeededEntropy } from './fleet/entropy.js';
import { Fleet } from './fleet/fleet.js';
import { Operations, type Operation } from './fleet/operation.js';
import { Troubles } from './fleet/troubles.js';
import { SimulatedDatastore, type Change } from './google/simulated-datastore.js';
import { SimulatedQueue } from './google/simulated-queue.js';
import { CommitWatch } from './properties/commits.js';
import { HandlerWatch } from './properties/handlers.js';
import { Ledger } from './properties/ledger.js';
import { unrest } from './properties/rest.js';
import { TaskWatch } from './properties/tasks.js';
import { Violation } from './properties/violation.js';
import { Callers } from './workload/callers.js';
import { digest } from './world/provenance.js';
import { Scheduler } from './world/scheduler.js';
import { Story } from './world/story.js';

/** How one run came out. */
export interface Result {
  readonly violation: Violation | undefined;
  readonly events: number;
  readonly commits: number;
  readonly story: readonly string[];
}

/** After so long, or so many events, everything goes well. */
const troubleEnds = { ms: 1_800_000, events: 4_000 };
/** So many events more must be enough to come to rest. */
const mostEvents = 20_000;

/** One run of the whole system: real lockers, simulated surroundings, and everything that is not theirs to decide decided by the oracle. */
export class Simulation {
  private readonly scheduler: Scheduler;
  private readonly story: Story;
  private readonly troubles: Troubles;
  private readonly operations = new Operations();
  private readonly ledger = new Ledger(this.operations);
  private readonly datastore: SimulatedDatastore<Operation | undefined>;
  private readonly queue: SimulatedQueue;
  private readonly fleet: Fleet;
  private readonly callers: Callers;
  /** Of every entity, how it was whenever it was ready for a step. */
  private readonly backups = new Map<string, EntityProto[]>();
  private readonly wereSetBack = new Set<string>();
  /** Of whom the next request goes to, where they take turns. */
  private turn = 0;
  private violation: Violation | undefined;
  private events = 0;

  constructor(
    private readonly chooser: Oracle,
    circumstances: Circumstances,
    isTold: boolean,
  ) {
    const { seed, isEnumerated, concurrency, tellsTime, skewMs, tombstoneMs } = circumstances;
    this.scheduler = new Scheduler(isEnumerated ? chooser : undefined);
    const oracle = isEnumerated ? this.scheduler.observed(chooser) : chooser;
    const now = () => this.scheduler.now();
    this.story = new Story(isTold, now);
    const { scheduler, story, ledger, operations } = this;
    this.troubles = new Troubles(oracle, isEnumerated, now);
    const { troubles } = this;
    const chance = new Random(seed, 3);
    const latency = isEnumerated ? () => 0 : () => 1 + chance.below(20);
    const pick = isEnumerated
      ? (count: number) => (count > 1 ? (this.turn = (this.turn + 1) % count) : 0)
      : (count: number) => chance.below(count);
    const settings = settingsOf({
      renew: circumstances.renews,
      // What was is of no concern to what comes.
      historyLength: isEnumerated ? 0 : 2,
    });
    const directory = new Directory(settings.terms);
    const onViolation = (violation: Violation) => {
      this.violation ??= violation;
    };
    const commits = new CommitWatch(
      ledger,
      (lock) => directory.find(lock.task?.name ?? '')?.terms ?? settings.terms,
      now,
      tellsTime ? 0 : skewMs,
      story,
    );
    this.datastore = new SimulatedDatastore(
      { concurrency, tellsTime },
      scheduler,
      (changes, by) => {
        scheduler.touch('alerts', 'reads');
        judged(() => commits.committed(changes, by), onViolation);
        this.backUp(changes);
      },
    );
    const watch = new TaskWatch(ledger, () => troubles.count, onViolation);
    this.queue = new SimulatedQueue({
      scheduler,
      troubles,
      story,
      latency,
      tombstoneMs,
      deliver: (delivered, ended) => this.fleet.deliver(delivered, ended),
      watch,
    });
    watch.queue = this.queue;
    const stored = () => {
      scheduler.touch('Datastore', 'reads');
      return this.datastore.stored;
    };
    const handlers = new HandlerWatch(ledger, stored, onViolation);
    this.fleet = new Fleet(
      {
        instances: circumstances.instances,
        recoversAtStart: circumstances.recoversAtStart,
        skewOf: (process) => (process % 2 === 0 ? skewMs : 0),
        reachesStalled: !isEnumerated,
        latency,
        pick,
        entropyOf: isEnumerated
          ? () => new DerivedEntropy(this.scheduler)
          : (process) => new SeededEntropy(seed * 1_000 + process),
      },
      {
        settings,
        directory,
        datastore: this.datastore,
        queue: this.queue,
        oracle,
        troubles,
        operations,
        story,
        handlers,
        alerted: ({ type, run = '' }) => {
          if (type !== 'failed') return;
          scheduler.touch('alerts', 'writes');
          ledger.alertedRuns.add(run);
        },
      },
      scheduler,
      story,
    );
    this.callers = new Callers({
      oracle,
      operations,
      fleet: () => this.fleet,
      scheduler,
      story,
      mostDeeds: circumstances.mostDeeds,
      saidNothingWritten: (operation) =>
        judged(() => commits.saidNothingWritten(operation), onViolation),
      setBack: (key) => this.setBack(key),
    });
  }

  /** Runs to the end, or to the first broken promise. */
  async run(): Promise<Result> {
    const begun = this.scheduler.now();
    this.callers.begin();
    await this.until(
      () => this.scheduler.now() - begun > troubleEnds.ms || this.events > troubleEnds.events,
    );
    this.troubles.end();
    this.story.tell('world', () => 'from now on everything goes well');
    await this.until(() => this.events > mostEvents);
    if (this.events > mostEvents)
      this.violation ??= new Violation('everything comes to rest', `${this.events} events`);
    await this.mend();
    if (this.troubles.count === 0 && this.datastore.abandoned > 0)
      this.violation ??= new Violation(
        'every transaction is ended',
        `${this.datastore.abandoned} were left open`,
      );
    this.violation ??= unrest(this.datastore.stored, this.ledger);
    if (this.violation) this.story.tell('BROKEN', () => this.violation?.message ?? '');
    const { violation, events, story } = this;
    return { violation, events, commits: this.ledger.commits, story: story.lines };
  }

  /** As a restored backup does: the entity, and its lock with it, as it was when it was last ready for another step. */
  private setBack(key: string): void {
    const present = placeIn(this.datastore.stored.get(key));
    const earlier = this.backups.get(key)?.findLast((entity) => placeIn(entity) !== present);
    if (!earlier || this.wereSetBack.has(key)) return;
    this.wereSetBack.add(key);
    // What is restored, no sweep has been armed for.
    this.troubles.sweepWasHit = true;
    this.troubles.losses += 2;
    void this.operations.run({ kind: 'restore', process: 'outside', key }, (by) => {
      // A copy: it is another version, although the same is in it.
      const mutations = [{ upsert: { ...earlier } }];
      const request = { projectId: '', mode: 'NON_TRANSACTIONAL', mutations } as const;
      this.datastore.commit(request, by, () => {});
      return Promise.resolve();
    });
  }

  private backUp(changes: readonly Change[]): void {
    for (const { key, before } of changes)
      if (before && readLock(before)?.state === 'ready')
        this.backups.set(key, [...(this.backups.get(key) ?? []), before]);
  }

  /**
   * Where two things went wrong and one of them hit the sweep, or three and one of them was a commit applied when nobody
   * expected it any more, somebody has to look: Cloud Scheduler, or a person. The sweep alone ends a wait for arrivals that
   * do not come, so there its loss is enough. Everything else must have healed by itself.
   */
  private async mend(): Promise<void> {
    const { sweepWasHit, lateCommits, losses } = this.troubles;
    const isSweepMissed = sweepWasHit && (losses >= 2 || this.isAllThatIsLeftWaiting());
    const isExcused = isSweepMissed || (lateCommits > 0 && losses >= 3);
    if (this.violation || !isExcused || !unrest(this.datastore.stored, this.ledger)) return;
    this.story.tell('world', () => 'somebody recovers');
    this.fleet
      .any()
      ?.recover()
      .catch(() => undefined);
    await this.until(() => this.events > 2 * mostEvents);
  }

  private isAllThatIsLeftWaiting(): boolean {
    const locks = [...this.datastore.stored.values()].map(readLock);
    return locks.every((lock) => lock?.due === undefined || lock.state === 'waiting');
  }

  /** Everything that can matter from here on. */
  private state(): string {
    const { scheduler, fleet, datastore, queue, ledger, troubles } = this;
    const parts = [scheduler, fleet, datastore, queue, ledger, troubles];
    return digest(String(this.turn), ...parts.map(({ mark }) => mark));
  }

  private async until(isEnough: () => boolean): Promise<void> {
    while (!this.violation && !isEnough()) {
      await settled();
      this.scheduler.end();
      const { isMomentOver } = this.scheduler;
      this.chooser.arrive?.(() => this.state(), isMomentOver);
      if (!this.scheduler.step()) return;
      this.events++;
    }
    await settled();
  }
}

/** Which step of which run an entity is at. */
function placeIn(entity: EntityProto | undefined): string {
  const lock = entity && readLock(entity);
  return lock ? `${lock.run}/${lock.step}` : '';
}

/** Lets everything go on that waits for nothing but promises. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function judged(judge: () => void, onViolation: (violation: Violation) => void): void {
  try {
    judge();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    onViolation(error);
  }
}
