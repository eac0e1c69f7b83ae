import type { EntityKey } from '../../../lib/entity/entity-classes.js';
import { LockerError } from '../../../lib/locker.errors.js';
import type { LockerService } from '../../../lib/locker.service.js';
import type { StartOptions } from '../../../lib/run/starter.js';
import type { Oracle } from '../decisions/oracle.js';
import type { Fleet } from '../fleet/fleet.js';
import type { Instance } from '../fleet/instance.js';
import type { Operation, Operations, OperationKind } from '../fleet/operation.js';
import type { Scheduler } from '../world/scheduler.js';
import type { Story } from '../world/story.js';
import { Chain } from './chain.js';

/** Errors that say that nothing was written. */
const sayNothingWritten: readonly string[] = [
  'RUN_ACTIVE',
  'RUN_STATE',
  'TASK_REFUSED',
  'WRONG_ENTITY',
  'ENTITY_NOT_FOUND',
  'CONTENTION',
  'DATASTORE_UNAVAILABLE',
];

/** What people do to a run. */
const operate = {
  retry: (service, key) => service.retry(key),
  cancel: (service, key) => service.cancel(key),
  'run now': (service, key) => service.runNow(key),
  release: (service, key) => service.release(key),
  redispatch: (service, key) => service.redispatch(key),
} satisfies Partial<
  Record<OperationKind, (service: LockerService, key: EntityKey<Chain>) => Promise<unknown>>
>;

type Deed = (instance: Instance, name: string) => void;

/** The people who use the application from outside of its tasks: what they want when, is the oracle's to say. */
export class Callers {
  private readonly entities = ['a', 'b'];

  constructor(
    private readonly parts: {
      readonly oracle: Oracle;
      readonly operations: Operations;
      readonly fleet: () => Fleet;
      readonly scheduler: Scheduler;
      readonly story: Story;
      readonly mostDeeds: number;
      readonly saidNothingWritten: (operation: Operation) => void;
      /** Sets an entity back to what it was, past every lock. */
      readonly setBack: (key: string) => void;
    },
  ) {}

  /** Begins with a start on the first entity; what follows is decided one by one. */
  begin(): void {
    const { oracle, mostDeeds } = this.parts;
    let at = 0;
    this.at(0, (instance) => this.start(instance, 'a'));
    const more = Array.from({ length: mostDeeds }, (_, count) => String(count));
    const deeds = oracle.choose('work', more);
    for (let deed = 0; deed < deeds; deed++) {
      at +=
        [1_000, 0, 5, 50, 20_000, 70_000, 130_000, 200_000][
          oracle.choose('work', [
            '+1 s',
            'at once',
            '+5 ms',
            '+50 ms',
            '+20 s',
            '+70 s',
            '+130 s',
            '+200 s',
          ])
        ] ?? 0;
      const name = this.entities[oracle.choose('work', this.entities)] ?? 'a';
      const all = Object.entries(this.deeds);
      const chosen =
        all[
          oracle.choose(
            'work',
            all.map(([what]) => what),
          )
        ];
      if (chosen) this.at(at, (instance) => chosen[1](instance, name));
    }
  }

  private readonly deeds: Readonly<Record<string, Deed>> = {
    start: (instance, name) => this.start(instance, name),
    update: (instance, name) => this.update(instance, name),
    'start with an id': (instance, name) => this.start(instance, name, { startId: 'x' }),
    'start with another id': (instance, name) => this.start(instance, name, { startId: 'y' }),
    join: (instance, name) => this.start(instance, name, { onActive: 'join' }),
    replace: (instance, name) => this.start(instance, name, { onActive: 'replace' }),
    'start later': (instance, name) => this.start(instance, name, { delay: '2m' }),
    'start with what is stored': (instance, name) => this.startAgain(instance, name),
    'transact on both': (instance) => this.transact(instance),
    'retry what failed': (_, name) => {
      for (const pauseMs of [0, 1_000, 20_000, 120_000])
        this.at(pauseMs, (other) => this.operate(other, name, 'retry'));
    },
    cancel: (instance, name) => this.operate(instance, name, 'cancel'),
    'run now': (instance, name) => this.operate(instance, name, 'run now'),
    release: (instance, name) => this.operate(instance, name, 'release'),
    'release as soon as it is held': (_, name) => {
      for (const pauseMs of [1, 5, 20, 100, 1_000, 10_000, 40_000])
        this.at(pauseMs, (other) => this.operate(other, name, 'release'));
    },
    'dispatch again': (instance, name) => this.operate(instance, name, 'redispatch'),
    'change of mind': (instance, name) => this.changeMind(instance, name, 1_000),
    'quick change of mind': (instance, name) => this.changeMind(instance, name, 50),
    'slow change of mind': (instance, name) => this.changeMind(instance, name, 30_000),
    'look into it': (instance, name) => {
      const { service } = instance;
      this.run(instance, 'read', name, {}, () => service.inspect(service.key(Chain, name)));
    },
    'set back from a backup': (_, name) => this.parts.setBack(`Chain/"${name}"`),
    'shut down': (instance) => this.parts.fleet().retire(instance),
  };

  private at(delayMs: number, deed: (instance: Instance) => void): void {
    this.parts.scheduler.after(delayMs, 'a caller', () => {
      const instance = this.parts.fleet().any();
      if (instance) instance.process.begin('a caller', () => deed(instance));
    });
  }

  private start(instance: Instance, name: string, options: StartOptions = {}): void {
    const { service } = instance;
    const chain = new Chain();
    chain.steps =
      [2, 1, 3][this.parts.oracle.choose('work', ['2 steps', '1 step', '3 steps'])] ?? 2;
    this.run(instance, 'start', name, options, () =>
      service.schedule(service.key(Chain, name), chain, 'walk', options),
    );
  }

  /** Starts what is not due yet, cancels it, and starts again. */
  private changeMind(instance: Instance, name: string, pauseMs: number): void {
    this.start(instance, name, { onActive: 'replace', delay: '10m' });
    this.at(pauseMs, (other) => this.deeds['cancel']?.(other, name));
    for (const times of [2, 3])
      this.at(times * pauseMs, (other) => this.start(other, name, { delay: '5m' }));
  }

  /** Starts on the entity as it is stored, changed in one property. */
  private startAgain(instance: Instance, name: string): void {
    const { service } = instance;
    this.run(instance, 'start', name, {}, async () => {
      const key = service.key(Chain, name);
      const chain = (await service.get(key)) ?? new Chain();
      chain.steps = 1;
      return service.schedule(key, chain, 'walk');
    });
  }

  private update(instance: Instance, name: string): void {
    const { service } = instance;
    this.run(instance, 'update', name, {}, () =>
      service.update(service.key(Chain, name), (chain) => {
        chain.touched++;
      }),
    );
  }

  private operate(instance: Instance, name: string, kind: keyof typeof operate): void {
    const { service } = instance;
    this.run(instance, kind, name, {}, () => operate[kind](service, service.key(Chain, name)));
  }

  private transact(instance: Instance): void {
    const { service } = instance;
    this.run(instance, 'transact', 'a', {}, () =>
      service.transact(async (tx) => {
        const key = service.key(Chain, 'a');
        const chain = await tx.get(key);
        if (chain) {
          chain.touched++;
          tx.save(key, chain);
        }
        tx.schedule(service.key(Chain, 'b'), new Chain(), 'walk', { onActive: 'join' });
      }),
    );
  }

  private run(
    { process }: Instance,
    kind: OperationKind,
    name: string,
    { onActive, startId }: StartOptions,
    work: () => Promise<unknown>,
  ): void {
    const { operations, story } = this.parts;
    const start = kind === 'start' && { start: { replaces: onActive === 'replace', startId } };
    const tell = (operation: Operation, what: string) =>
      story.tell(process.name, () => `${kind} ${operation.number} on ${name}: ${what}`);
    void operations.run(
      { kind, process: process.name, key: `Chain/"${name}"`, ...start },
      async (operation) => {
        tell(
          operation,
          `begins${onActive ? `, onActive ${onActive}` : ''}${startId ? `, id ${startId}` : ''}`,
        );
        try {
          const result = await work();
          tell(operation, result instanceof Chain ? 'done' : JSON.stringify(result));
        } catch (error) {
          tell(operation, String(error));
          if (error instanceof LockerError && sayNothingWritten.includes(error.code))
            this.parts.saidNothingWritten(operation);
        }
      },
    );
  }
}
