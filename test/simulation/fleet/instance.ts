import type { Alert } from '../../../lib/alert/alert.js';
import { keyText } from '../../../lib/datastore/keys.js';
import type { HeldLease } from '../../../lib/delivery/held-lease.js';
import type { LockedEntity } from '../../../lib/entity/entity-class.js';
import { Locker } from '../../../lib/locker.js';
import { LockerService } from '../../../lib/locker.service.js';
import type { Settings } from '../../../lib/settings/settings.js';
import type { Entropy } from '../../../lib/system/entropy.js';
import type { Log } from '../../../lib/system/log.js';
import { parseTaskRequest } from '../../../lib/tasks/task-request.js';
import type { Oracle } from '../decisions/oracle.js';
import type { Delivered, Ended } from '../google/simulated-queue.js';
import type { SimulatedDatastore } from '../google/simulated-datastore.js';
import type { SimulatedQueue } from '../google/simulated-queue.js';
import type { HandlerWatch } from '../properties/handlers.js';
import type { Directory } from '../workload/directory.js';
import { Relations } from '../workload/relations.js';
import { walk } from '../workload/walk.js';
import type { Story } from '../world/story.js';
import type { Calls } from './calls.js';
import { datastoreApi, tasksApi } from './google-apis.js';
import type { Operation, Operations } from './operation.js';
import type { Process } from './process.js';
import type { Troubles } from './troubles.js';

/** The sweep's route. */
const sweepPath = '/locker/sweep';

/** What all instances share. */
export interface Surroundings {
  readonly settings: Settings;
  readonly directory: Directory;
  readonly datastore: SimulatedDatastore<Operation | undefined>;
  readonly queue: SimulatedQueue;
  readonly oracle: Oracle;
  readonly troubles: Troubles;
  readonly operations: Operations;
  readonly story: Story;
  readonly handlers: HandlerWatch;
  readonly alerted: (alert: Alert) => void;
}

/** One instance of the application: the real locker in a process of its own, without Nest. */
export class Instance {
  readonly service: LockerService;
  private readonly locker: Locker;
  private readonly relations: Relations;

  constructor(
    readonly process: Process,
    private readonly calls: Calls,
    private readonly surroundings: Surroundings,
    entropy: Entropy,
  ) {
    const { settings, directory, datastore, queue, troubles, operations, alerted } = surroundings;
    this.locker = new Locker({
      settings,
      datastore: datastoreApi(datastore, calls, process, operations),
      tasks: tasksApi(queue, calls, process, troubles),
      directory,
      sweepPath: () => sweepPath,
      alerter: {
        send: (alert) =>
          calls.make<void>('alert', `alerts: ${alert.type}`, (answer) => {
            alerted(alert);
            answer({ value: undefined });
          }),
      },
      clock: process,
      entropy,
      log: this.log(),
    });
    this.service = new LockerService(this.locker);
    this.relations = new Relations(this.service, operations, process.name);
  }

  /** Takes a request to its end, as the route of its task would. A process that dies gives no answer. */
  serve(delivered: Delivered, ended: Ended): void {
    this.process.begin(`request of ${delivered.name}`, async () => {
      const answer = delivered.path === sweepPath ? this.sweep() : this.deliver(delivered);
      const status = await answer.catch(() => 500);
      this.process.enter({
        what: 'answer',
        work: () => ended(status),
        memory: this.process.memory,
      });
    });
  }

  /** Recovers everything, as at start-up. */
  recover(): Promise<number> {
    return this.sweep();
  }

  /** Asked to end: no new step, signals fire, handlers get some time. */
  leave(ms: number): Promise<void> {
    return this.locker.departure.begin(ms);
  }

  private sweep(): Promise<number> {
    const { operations } = this.surroundings;
    return operations.run({ kind: 'sweep', process: this.process.name }, async () => {
      await this.service.recover();
      return 200;
    });
  }

  private async deliver({ path, headers, body }: Delivered): Promise<number> {
    const { directory, operations, handlers } = this.surroundings;
    const request = parseTaskRequest(headers);
    const definition = directory.at(path);
    if (!definition) throw new Error(`Nothing is reached under ${path}.`);
    const operation = {
      kind: 'deliver',
      process: this.process.name,
      key: keyText(request.key),
      task: request,
    } as const;
    return operations.run(operation, async (begun) => {
      const answer = await this.locker.runner
        .deliver({ definition, request, delivered: { body } }, async (entity, lease) => {
          await lease.start(() => this.handle(begun, entity, lease));
        })
        .finally(() => handlers.answered(begun));
      if (answer.outcome === 'lost') handlers.saidLost(begun);
      if (answer.outcome === 'advanced' || answer.outcome === 'completed')
        handlers.saidCommitted(begun);
      this.surroundings.story.tell(
        this.process.name,
        () =>
          `answers ${answer.status} ${answer.outcome}${answer.reason ? `: ${answer.reason}` : ''}`,
      );
      return answer.status;
    });
  }

  private async handle(by: Operation, entity: LockedEntity, lease: HeldLease): Promise<void> {
    const { directory, handlers, oracle, troubles } = this.surroundings;
    if (!(entity instanceof directory.entity)) throw new Error('The entity is of another class.');
    handlers.starts(by, lease);
    try {
      const { service, relations, calls } = this;
      await walk(entity, lease, {
        service,
        relations,
        oracle,
        work: (what, ms) => calls.work(what, ms),
        isCalm: () => troubles.areOver,
      });
    } finally {
      handlers.ends(lease);
    }
  }

  private log(): Log {
    const tell = (message: string) =>
      this.surroundings.story.tell(this.process.name, () => `logs: ${message}`);
    return { debug: () => {}, log: tell, warn: tell, error: tell };
  }
}
