import type { DatabaseSync } from 'node:sqlite';
import { type Clock, systemClock } from '../system/clock.js';
import { Calls } from './calls.js';
import { openDatabase } from './database.js';
import { drain, type DrainOptions } from './drain.js';
import { isDriven } from './driven-clock.js';
import { Faults } from './faults/faults.js';
import { GrpcServer } from './grpc-server.js';
import { HttpServer } from './http-server.js';
import { keyRoutes } from './key-server.js';
import { Protos } from './protos.js';
import { type TapEvent, Taps } from './tap.js';
import { OidcIssuer } from './tasks/oidc-issuer.js';
import { TasksEngine } from './tasks/tasks-engine.js';
import type { InitialQueue, TasksEngineOptions } from './tasks/tasks-engine-options.js';

/** How an emulator is started. */
export interface EmulatorOptions extends Pick<
  TasksEngineOptions,
  'send' | 'appEngineHost' | 'taskTombstoneMs' | 'queueTombstoneMs' | 'entropy'
> {
  /** A file that keeps everything; by default nothing is kept. */
  readonly data?: string;
  /** Port of Cloud Tasks; by default any free one. */
  readonly tasksPort?: number;
  /** Port of the HTTP side, with the keys of the tokens; by default any free one. */
  readonly httpPort?: number;
  /** Queues that are there from the start. */
  readonly queues?: readonly InitialQueue[];
  /** Whether a first CreateTask creates its queue; by default it does, unlike the real service. */
  readonly autoCreateQueues?: boolean;
  /** By default the machine's; a `VirtualClock` or `ShiftingClock` to drive it. */
  readonly clock?: Clock;
  /** Of the random choices of the faults; 1 by default. */
  readonly seed?: number;
}

/** Starts Cloud Tasks on this machine. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const database = openDatabase(options.data);
  const http = new HttpServer();
  try {
    const issuer = new OidcIssuer(await http.listen(options.httpPort ?? 0), systemClock);
    const emulator = new Emulator(options, { database, http, issuer });
    await emulator.listen();
    return emulator;
  } catch (error) {
    await http.close();
    if (database.isOpen) database.close();
    throw error;
  }
}

const TASKS_SERVICE = 'google.cloud.tasks.v2.CloudTasks';

/** What an emulator is built on. */
interface Foundation {
  readonly database: DatabaseSync;
  readonly http: HttpServer;
  readonly issuer: OidcIssuer;
}

/** A running emulator. */
export class Emulator {
  /** What time it is for the services. */
  readonly clock: Clock;
  /** Cloud Tasks in process; calls pass through faults and taps as those over gRPC do. */
  readonly tasks: TasksEngine;
  /** The switches for trouble. */
  readonly faults: Faults;
  /** `iss` of the tokens that targets are shown, and the address of their keys. */
  readonly issuer: string;

  private readonly taps = new Taps();
  private readonly tasksEngine: TasksEngine;
  private readonly tasksServer: GrpcServer;
  private addresses: { tasks: string } | undefined;

  constructor(
    private readonly options: EmulatorOptions,
    private readonly foundation: Foundation,
  ) {
    const { database, http, issuer } = foundation;
    this.clock = options.clock ?? systemClock;
    this.faults = new Faults(this.clock, options.seed ?? 1, () => this.tasksEngine.lookForWork());
    const protos = Protos.tasks();
    this.tasksEngine = new TasksEngine({
      autoCreateQueues: true,
      ...options,
      database,
      protos,
      clock: this.clock,
      idTokens: issuer,
      hooks: this.faults,
      observe: (event) => this.taps.emit({ type: 'dispatch', ...event }),
    });
    const around = { clock: this.clock, hooks: this.faults, taps: this.taps };
    const tasksCalls = new Calls('tasks', this.tasksEngine, around);
    const service = protos.service(TASKS_SERVICE);
    this.tasks = tasksCalls.inProcess(this.tasksEngine, methodsOf(service));
    this.tasksServer = new GrpcServer(service, tasksCalls);
    this.issuer = issuer.url;
    http.serveRoutes(keyRoutes(issuer));
  }

  /** `127.0.0.1:PORT` of Cloud Tasks. */
  get tasksHost(): string {
    return this.listening.tasks;
  }

  /** The variables that point applications to this emulator. */
  get env(): { CLOUD_TASKS_EMULATOR_HOST: string } {
    return { CLOUD_TASKS_EMULATOR_HOST: this.tasksHost };
  }

  /** Tells `listener` of every call and every dispatch from now on; the returned function ends that. */
  tap(listener: (event: TapEvent) => void): () => void {
    return this.taps.add(listener);
  }

  /** Lets every task run to its end: see {@link drain}. Only with a clock that can be driven. */
  async drain(options?: DrainOptions): Promise<number> {
    if (!isDriven(this.clock)) throw new Error('drain() needs a VirtualClock or a ShiftingClock.');
    return drain(this.tasksEngine, this.clock, options);
  }

  /** @internal */
  async listen(): Promise<void> {
    this.addresses = { tasks: await this.tasksServer.listen(this.options.tasksPort ?? 0) };
  }

  /** Ends everything at once. Tasks in a file go on at the next start. */
  async stop(): Promise<void> {
    this.tasksServer.close();
    this.tasksEngine.close();
    await this.foundation.http.close();
    if (this.foundation.database.isOpen) this.foundation.database.close();
  }

  private get listening(): { tasks: string } {
    if (!this.addresses) throw new Error('The emulator does not listen yet.');
    return this.addresses;
  }
}

function methodsOf(service: ReturnType<Protos['service']>): Set<string> {
  return new Set(Object.values(service).map(({ originalName = '' }) => originalName));
}
