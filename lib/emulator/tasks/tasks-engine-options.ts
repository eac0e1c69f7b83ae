import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../system/clock.js';
import type { Entropy } from '../../system/entropy.js';
import type { Protos } from '../protos.js';
import type { DispatchEvent, DispatchHooks } from './dispatch-hooks.js';
import type { IdTokens } from './oidc-issuer.js';
import type { QueueResource } from './resources.js';
import type { Send } from './target-request.js';

/** A queue that is there from the start. */
export interface InitialQueue extends QueueResource {
  /**
   * `projects/P/locations/L/queues/Q`, or only the id: then every queue of that id that is created by its first task
   * gets these settings.
   */
  name: string;
}

/** How a `TasksEngine` is made. */
export interface TasksEngineOptions {
  /** Where it keeps queues and tasks, in tables of its own named `tasks_…`. It may be shared. */
  readonly database: DatabaseSync;
  /** By default the machine's. */
  readonly clock?: Clock;
  /** How requests reach their targets; by default over the network. */
  readonly send?: Send;
  /** Base URL of the App Engine application; by default http://127.0.0.1:8080. */
  readonly appEngineHost?: string;
  /** Queues that are there from the start, unless the database knows them already. */
  readonly queues?: readonly InitialQueue[];
  /** Whether a first CreateTask creates its queue; by default not, as with the real service. */
  readonly autoCreateQueues?: boolean;
  /** How long the name of a task that is gone stays taken, in milliseconds; an hour by default. */
  readonly taskTombstoneMs?: number;
  /** How long the name of a deleted queue stays taken, in milliseconds; seven days by default. */
  readonly queueTombstoneMs?: number;
  /** Names unnamed tasks. */
  readonly entropy?: Entropy;
  /** Makes the tokens of tasks with an `oidcToken`; by default an issuer that nobody publishes the keys of. */
  readonly idTokens?: IdTokens;
  /** Makes trouble between queue and target; by default none. */
  readonly hooks?: DispatchHooks;
  /** Told of every attempt that has ended. */
  readonly observe?: (event: DispatchEvent) => void;
  /** Google's protos of Cloud Tasks, to share them among engines; by default loaded anew, which takes some 60 ms. */
  readonly protos?: Protos;
}
