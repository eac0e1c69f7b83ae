import { hostname } from 'node:os';
import type { Alerter } from './alert/alert.js';
import { Alerts } from './alert/alerts.js';
import { keyText } from './datastore/keys.js';
import { LockStore } from './datastore/lock-store.js';
import { Transactions } from './datastore/transactions.js';
import { Acquirer } from './delivery/acquirer.js';
import { DeliveryLog } from './delivery/delivery-log.js';
import { LeaseTable } from './delivery/lease-table.js';
import { Obligations } from './delivery/obligations.js';
import { Runner } from './delivery/runner.js';
import { EntityClasses } from './entity/entity-classes.js';
import type { EntityClass } from './entity/entity-class.js';
import { EntityTracker } from './entity/entity-tracker.js';
import type { DatastoreApi, KeyProto } from './google/datastore-api.js';
import type { TasksApi } from './google/tasks-api.js';
import { WrongEntityError } from './locker.errors.js';
import { Entities } from './run/entities.js';
import { Starter } from './run/starter.js';
import type { Settings } from './settings/settings.js';
import type { Clock } from './system/clock.js';
import type { Entropy } from './system/entropy.js';
import type { Log } from './system/log.js';
import { Dispatcher } from './tasks/dispatcher.js';
import type { EntityAddress } from './tasks/lock-key.js';
import type { TaskDirectory } from './tasks/task-directory.js';
import { TaskPlanner } from './tasks/task-planner.js';

/** What comes from outside: Google's APIs, the application's tasks, time, chance, and who is told. */
export interface Surroundings {
  readonly settings: Settings;
  readonly datastore: DatastoreApi;
  readonly tasks: TasksApi;
  readonly directory: TaskDirectory & { entityOf(kind: string): EntityClass | undefined };
  readonly alerter: Alerter;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

/** All parts put together, without Nest. */
export class Locker {
  readonly alerts: Alerts;
  readonly classes: EntityClasses;
  readonly leases = new LeaseTable();
  readonly entities: Entities;
  readonly starter: Starter;
  readonly runner: Runner;

  constructor(private readonly surroundings: Surroundings) {
    const { settings, datastore, tasks, directory, alerter, clock, entropy, log } = surroundings;
    const { projectId, databaseId, beginOnRead } = settings;
    const database = { api: datastore, projectId, databaseId, beginOnRead };
    const transactions = new Transactions(database, clock, entropy);
    const store = new LockStore(transactions, clock);
    const tracker = new EntityTracker(log);
    const planner = new TaskPlanner(directory, settings.defaultQueue, clock);
    const pathOf = (name: string) => directory.find(name)?.path;
    const dispatcher = new Dispatcher(tasks, settings, pathOf, clock);
    this.alerts = new Alerts(alerter, log);
    const obligations = new Obligations(dispatcher, this.alerts, store, log);
    this.classes = new EntityClasses((kind) => directory.entityOf(kind));
    this.entities = new Entities(database, transactions, tracker);
    this.starter = new Starter(store, tracker, planner, obligations, entropy, settings.terms);
    this.runner = new Runner(
      new Acquirer(store, entropy, settings.renew, hostname()),
      this.leases,
      { store, obligations, clock, log },
      planner,
      this.alerts,
      new DeliveryLog(log, settings.verbose),
      tracker,
      {
        requestTimeout: Math.min(settings.requestTimeout, settings.dispatchDeadline),
        busyStatus: settings.busyStatus,
      },
    );
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
