import type { DatabaseSync } from 'node:sqlite';
import { type Clock, systemClock } from '../system/clock.js';
import { controlRoutes } from './control-routes.js';
import { clearDatabase } from './database.js';
import { DatastoreEngine } from './datastore/datastore-engine.js';
import { datastoreDefinition } from './datastore/wire/service-definition.js';
import { drain, type DrainOptions } from './drain.js';
import { isDriven } from './driven-clock.js';
import type { EmulatorOptions } from './emulator-options.js';
import { Faults } from './faults/faults.js';
import type { HttpServer } from './http-server.js';
import { keyRoutes } from './key-routes.js';
import { Protos } from './protos.js';
import { Service } from './service.js';
import { type TapEvent, Taps } from './tap.js';
import type { OidcIssuer } from './tasks/oidc-issuer.js';
import { TasksEngine } from './tasks/tasks-engine.js';

/** What an emulator is built on. */
export interface Foundation {
  readonly database: DatabaseSync;
  readonly http: HttpServer;
  readonly issuer: OidcIssuer;
  /** Makes what serves Datastore in the place of the emulator's own, with the same faults and taps around it. */
  readonly datastore?: () => DatastoreEngine;
}

/** A running emulator; `startEmulator` makes one. */
export class Emulator {
  /** What time it is for the services. */
  readonly clock: Clock;
  /** The switches for trouble. */
  readonly faults: Faults;
  private readonly protos = { datastore: Protos.datastore(), tasks: Protos.tasks() };
  private readonly taps = new Taps();
  private readonly datastoreService: Service<DatastoreEngine>;
  private readonly tasksService: Service<TasksEngine>;
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly options: EmulatorOptions,
    private readonly foundation: Foundation,
  ) {
    const { http, issuer } = foundation;
    const { clock = systemClock, seed = 1 } = options;
    this.clock = clock;
    this.faults = new Faults(clock, seed, () => this.tasksService.engine.lookForWork());
    const context = { clock, hooks: this.faults, taps: this.taps };
    this.datastoreService = new Service(
      'datastore',
      this.newDatastore(),
      datastoreDefinition(this.protos.datastore),
      context,
    );
    this.tasksService = new Service(
      'tasks',
      this.newTasks(),
      this.protos.tasks.service('google.cloud.tasks.v2.CloudTasks'),
      context,
    );
    http.serveRoutes([...keyRoutes(issuer), ...controlRoutes(this)]);
  }

  /** Datastore in process; calls pass through faults and taps as those over gRPC do. */
  get datastore(): DatastoreEngine {
    return this.datastoreService.inProcess;
  }

  /** Cloud Tasks in process; calls pass through faults and taps as those over gRPC do. */
  get tasks(): TasksEngine {
    return this.tasksService.inProcess;
  }

  /** `127.0.0.1:PORT` of Datastore. */
  get datastoreHost(): string {
    return this.datastoreService.host;
  }

  /** `127.0.0.1:PORT` of Cloud Tasks. */
  get tasksHost(): string {
    return this.tasksService.host;
  }

  /** `http://127.0.0.1:PORT` of the HTTP side; also `iss` of the tokens that targets are shown. */
  get controlUrl(): string {
    return this.foundation.issuer.url;
  }

  /** The variables that point applications to this emulator. */
  get env() {
    return {
      DATASTORE_EMULATOR_HOST: this.datastoreHost,
      CLOUD_TASKS_EMULATOR_HOST: this.tasksHost,
      CLOUD_TASKS_EMULATOR_ISSUER: this.controlUrl,
    };
  }

  /** Tells `listener` of every call and every dispatch from now on; the returned function ends that. */
  tap(listener: (event: TapEvent) => void): () => void {
    return this.taps.add(listener);
  }

  /** Lets every task run to its end: see {@link drain}. Only with a clock that can be driven. */
  async drain(options?: DrainOptions): Promise<number> {
    if (!isDriven(this.clock)) throw new Error('drain() needs a VirtualClock or a ShiftingClock.');
    return drain(this.tasksService.engine, this.clock, options);
  }

  /**
   * As if just started: nothing stored, no faults, nothing under way, random choices from the seed. The time stays. Ports stay open
   * and clients connected, so that one emulator serves many tests.
   */
  reset(): void {
    this.datastoreService.engine.close();
    this.tasksService.engine.close();
    clearDatabase(this.foundation.database);
    this.datastoreService.moveTo(this.newDatastore());
    this.tasksService.moveTo(this.newTasks());
    this.faults.reset();
  }

  /** Opens the ports; `startEmulator` does that. */
  async listen(ports: Pick<EmulatorOptions, 'datastorePort' | 'tasksPort'>): Promise<void> {
    await this.datastoreService.listen(ports.datastorePort ?? 0);
    await this.tasksService.listen(ports.tasksPort ?? 0);
  }

  /** Ends everything at once, calls and attempts under way included. Tasks in a file go on at the next start. */
  stop(): Promise<void> {
    this.stopped ??= this.close();
    return this.stopped;
  }

  private async close(): Promise<void> {
    const { http, database } = this.foundation;
    const closed = [this.datastoreService.close(), this.tasksService.close(), http.close()];
    this.datastoreService.engine.close();
    this.tasksService.engine.close();
    await Promise.all(closed);
    database.close();
  }

  private newDatastore(): DatastoreEngine {
    const { concurrency = 'optimistic' } = this.options;
    const { database, datastore } = this.foundation;
    if (datastore) return datastore();
    return new DatastoreEngine({
      database,
      clock: this.clock,
      concurrency,
      protos: this.protos.datastore,
    });
  }

  private newTasks(): TasksEngine {
    return new TasksEngine({
      autoCreateQueues: true,
      ...this.options,
      database: this.foundation.database,
      clock: this.clock,
      protos: this.protos.tasks,
      idTokens: this.foundation.issuer,
      hooks: this.faults,
      observe: (event) => this.taps.emit({ type: 'dispatch', ...event }),
    });
  }
}
