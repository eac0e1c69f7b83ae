import { hostname } from 'node:os';
import type { Alerter } from './alert/alert.js';
import { Alerts } from './alert/alerts.js';
import { keyText } from './datastore/keys.js';
import type { EntityAddress } from './datastore/entity-address.js';
import { noArming } from './datastore/arming.js';
import { LockStore } from './datastore/lock-store.js';
import { Transactions } from './datastore/transactions.js';
import { Acquirer } from './delivery/acquirer.js';
import { DeliveryLog } from './delivery/delivery-log.js';
import { Departure } from './delivery/departure.js';
import { LeaseTable } from './delivery/lease-table.js';
import { Obligations } from './delivery/obligations.js';
import { Pace } from './delivery/pace.js';
import { Runner } from './delivery/runner.js';
import { EntityClasses } from './entity/entity-classes.js';
import { EntityTracker } from './entity/entity-tracker.js';
import type { DatastoreApi, KeyProto } from './google/datastore-api.js';
import type { LoggingApi } from './google/logging-api.js';
import type { TasksApi } from './google/tasks-api.js';
import type { Lock } from './lock/lock.js';
import { WrongEntityError } from './locker.errors.js';
import { Evidence } from './probe/evidence.js';
import { probesFrom } from './probe/probes-from.js';
import { Census } from './run/census.js';
import { Entities } from './run/entities.js';
import { Operator } from './run/operator.js';
import { Overview } from './run/overview.js';
import { Starter } from './run/starter.js';
import { Transactor } from './run/transactor.js';
import { VitalSigns } from './run/vitals.js';
import type { Settings } from './settings/settings.js';
import { Adopter } from './sweep/adopter.js';
import { Healer } from './sweep/healer.js';
import { LockIndex } from './sweep/lock-index.js';
import { Recovery } from './sweep/recovery.js';
import { SweepSchedule } from './sweep/sweep-schedule.js';
import { Sweeper } from './sweep/sweeper.js';
import type { Clock } from './system/clock.js';
import type { Entropy } from './system/entropy.js';
import type { Log } from './system/log.js';
import { noTelemetry, type Telemetry } from './system/telemetry.js';
import { Dispatcher } from './tasks/dispatcher.js';
import type { TaskDirectory } from './tasks/task-directory.js';
import { TaskPlanner } from './tasks/task-planner.js';

/** What comes from outside: Google's APIs, the application's tasks, time, chance, and who is told. */
export interface Surroundings {
  readonly settings: Settings;
  readonly datastore: DatastoreApi;
  readonly tasks: TasksApi;
  /** Needed where the settings' probes ask for it. */
  readonly logging?: LoggingApi | undefined;
  readonly directory: TaskDirectory;
  /** The path of the sweep's route. */
  readonly sweepPath: () => string;
  readonly alerter: Alerter;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Default: nobody watches. */
  readonly telemetry?: Telemetry | undefined;
}

/** Where the entities and the queues of an application are. */
export interface Realm {
  readonly projectId: string;
  readonly databaseId: string;
  /** Of the queues, such as `europe-west1`. */
  readonly location: string;
}

/** All parts put together, without Nest. */
export class Locker {
  readonly alerts: Alerts;
  readonly classes: EntityClasses;
  readonly leases = new LeaseTable();
  readonly departure: Departure;
  readonly entities: Entities;
  readonly starter: Starter;
  readonly transactor: Transactor;
  readonly operator: Operator;
  readonly overview: Overview;
  readonly census: Census;
  readonly vitals: VitalSigns;
  readonly pace: Pace;
  readonly runner: Runner;
  readonly recovery: Recovery;
  readonly adopter: Adopter;

  constructor(private readonly surroundings: Surroundings) {
    const { settings, datastore, tasks, directory, alerter, clock, entropy, log, sweepPath } =
      surroundings;
    const { projectId, databaseId, beginOnRead } = settings;
    const { telemetry = noTelemetry } = surroundings;
    const database = { api: datastore, projectId, databaseId, beginOnRead };
    const transactions = new Transactions(database, clock, entropy);
    const queue = settings.sweep?.queue ?? settings.defaultQueue;
    const every = settings.sweep?.every ?? 60_000;
    const schedule = new SweepSchedule(tasks, { ...settings, queue, every }, sweepPath, clock, log);
    const arming = settings.sweep ? schedule : noArming;
    const store = new LockStore(transactions, clock, arming);
    const tracker = new EntityTracker(log);
    const planner = new TaskPlanner(directory, settings.defaultQueue, clock);
    const pathOf = (name: string) => directory.find(name)?.path;
    const dispatcher = new Dispatcher(tasks, settings, pathOf, clock, telemetry);
    this.alerts = new Alerts(alerter, log, clock, projectId, settings.alerts);
    const obligations = new Obligations(dispatcher, this.alerts, store, log);
    const index = new LockIndex(database, transactions);
    const termsOf = ({ task }: Lock) => directory.find(task?.name ?? '')?.terms ?? settings.terms;
    this.operator = new Operator(store, obligations, this.leases, entropy, termsOf);
    this.census = new Census(index, clock);
    const queues = `projects/${projectId}/locations/${settings.location}/queues`;
    const watched = [settings.defaultQueue, queue].map((id) => [id, `${queues}/${id}`] as const);
    this.vitals = new VitalSigns(index, tasks, settings.sweep && schedule, clock, {
      namespaces: settings.namespaces,
      kinds: () => directory.kinds,
      queues: new Map(watched),
    });
    this.pace = new Pace(clock);
    this.overview = new Overview(store, index, clock, settings.terms);
    this.adopter = new Adopter(store, index, tracker, planner, log, projectId, settings.terms);
    this.recovery = new Recovery(
      new Sweeper(
        index,
        new Healer(store, dispatcher, obligations, this.alerts, log, settings, settings.terms),
        clock,
        projectId,
      ),
      arming,
      () => directory.kinds,
      settings.namespaces,
      log,
      telemetry,
    );
    this.classes = new EntityClasses((kind) => directory.entityOf(kind));
    this.entities = new Entities(database, transactions, tracker);
    this.starter = new Starter(store, tracker, planner, obligations, entropy, settings.terms);
    this.transactor = new Transactor(transactions, obligations, arming, {
      tracker,
      classes: this.classes,
      planner,
      starter: this.starter,
      terms: settings.terms,
      addressOf: (key) => this.addressOf(key),
    });
    this.departure = new Departure(this.leases, clock);
    // A host's name alone comes back when its process has died and another begins.
    const instance = `${hostname()}/${entropy.id()}`;
    const probes = probesFrom(settings, {
      own: { instance, holds: (leaseId) => this.leases.holds(leaseId) },
      tasks,
      logging: surroundings.logging,
      clock,
    });
    this.runner = new Runner(
      new Acquirer(store, entropy, settings.renew, instance, new Evidence(probes, clock, log)),
      this.leases,
      this.departure,
      { store, obligations, clock, log, telemetry },
      planner,
      this.alerts,
      new DeliveryLog(log, settings.verbose, this.pace),
      tracker,
      {
        requestTimeout: Math.min(settings.requestTimeout, settings.dispatchDeadline),
        busyStatus: settings.busyStatus,
      },
    );
  }

  get realm(): Realm {
    const { projectId, databaseId, location } = this.surroundings.settings;
    return { projectId, databaseId, location };
  }

  /** The kinds of entities that tasks take. */
  get kinds(): readonly string[] {
    return this.surroundings.directory.kinds;
  }

  /** How long a holder that does not renew is given, milliseconds. */
  get leaseTimeout(): number {
    return this.surroundings.settings.terms.leaseTimeout;
  }

  /** The namespaces whose entities are locked. */
  get namespaces(): readonly string[] {
    return this.surroundings.settings.namespaces;
  }

  /**
   * Where an entity of this application is.
   *
   * @throws WrongEntityError for a namespace that the options do not name
   */
  addressOf(key: KeyProto): EntityAddress {
    const { projectId, databaseId, namespaces } = this.surroundings.settings;
    const namespace = key.partitionId?.namespaceId ?? '';
    if (!namespaces.includes(namespace))
      throw new WrongEntityError(
        `${keyText(key)} is in namespace "${namespace}". Add that to the option namespaces, or its tasks will be dropped.`,
      );
    return { projectId, databaseId, key };
  }
}
