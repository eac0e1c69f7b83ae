import type { DatabaseSync } from 'node:sqlite';
import { type Clock, systemClock } from '../system/clock.js';
import { controlRoutes } from './control-routes.js';
import { openDatabase } from './database.js';
import { DatastoreEngine } from './datastore/datastore-engine.js';
import { drain, type DrainOptions } from './drain.js';
import { isDriven } from './driven-clock.js';
import type { EmulatorOptions } from './emulator-options.js';
import { Faults } from './faults/faults.js';
import { HttpServer } from './http-server.js';
import { keyRoutes } from './key-routes.js';
import { Protos } from './protos.js';
import { Service } from './service.js';
import { type TapEvent, Taps } from './tap.js';
import { OidcIssuer } from './tasks/oidc-issuer.js';
import { TasksEngine } from './tasks/tasks-engine.js';

/** Starts Datastore and Cloud Tasks on this machine, reachable at its loopback address only. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const database = openDatabase(options.data);
  const http = new HttpServer();
  let emulator: Emulator | undefined;
  try {
    const issuer = new OidcIssuer(await http.listen(options.controlPort ?? 0), systemClock);
    emulator = new Emulator(options, { database, http, issuer });
    await emulator.listen(options);
    return emulator;
  } catch (error) {
    if (emulator) await emulator.stop();
    else await http.close().finally(() => database.close());
    throw error;
  }
}

/** What an emulator is built on. */
interface Foundation {
  readonly database: DatabaseSync;
  readonly http: HttpServer;
  readonly issuer: OidcIssuer;
}

/** A running emulator; {@link startEmulator} makes one. */
export class Emulator {
  /** What time it is for the services. */
  readonly clock: Clock;
  /** The switches for trouble. */
  readonly faults: Faults;
  private readonly taps = new Taps();
  private readonly datastoreService: Service<DatastoreEngine>;
  private readonly tasksService: Service<TasksEngine>;
  private stopped: Promise<void> | undefined;

  constructor(
    options: EmulatorOptions,
    private readonly foundation: Foundation,
  ) {
    const { database, http, issuer } = foundation;
    const { clock = systemClock, concurrency = 'optimistic', seed = 1 } = options;
    this.clock = clock;
    this.faults = new Faults(clock, seed, () => this.tasksService.engine.lookForWork());
    const context = { clock, hooks: this.faults, taps: this.taps };
    const datastoreProtos = Protos.datastore();
    this.datastoreService = new Service(
      'datastore',
      new DatastoreEngine({ database, clock, concurrency, protos: datastoreProtos }),
      datastoreProtos.service('google.datastore.v1.Datastore'),
      context,
    );
    const tasksProtos = Protos.tasks();
    const tasks = new TasksEngine({
      autoCreateQueues: true,
      ...options,
      database,
      clock,
      protos: tasksProtos,
      idTokens: issuer,
      hooks: this.faults,
      observe: (event) => this.taps.emit({ type: 'dispatch', ...event }),
    });
    const definition = tasksProtos.service('google.cloud.tasks.v2.CloudTasks');
    this.tasksService = new Service('tasks', tasks, definition, context);
    http.serveRoutes([...keyRoutes(issuer), ...controlRoutes(this.faults)]);
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
  get env(): { DATASTORE_EMULATOR_HOST: string; CLOUD_TASKS_EMULATOR_HOST: string } {
    return {
      DATASTORE_EMULATOR_HOST: this.datastoreHost,
      CLOUD_TASKS_EMULATOR_HOST: this.tasksHost,
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

  /** Opens the ports; {@link startEmulator} does that. */
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
}
