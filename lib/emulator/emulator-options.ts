import type { Clock } from '../system/clock.js';
import type { DatastoreEngineOptions } from './datastore/datastore-engine.js';
import type { InitialQueue, TasksEngineOptions } from './tasks/tasks-engine-options.js';

/** How an emulator is started. */
export interface EmulatorOptions extends Pick<
  TasksEngineOptions,
  'send' | 'appEngineHost' | 'taskTombstoneMs' | 'queueTombstoneMs' | 'entropy'
> {
  /** A file that keeps everything; by default nothing is kept. */
  readonly data?: string;
  /** Port of Datastore; by default any free one. */
  readonly datastorePort?: number;
  /** Port of Cloud Tasks; by default any free one. */
  readonly tasksPort?: number;
  /** Port of the HTTP side: keys of the tokens, and switches for trouble; by default any free one. */
  readonly controlPort?: number;
  /** How Datastore treats transactions that conflict; `optimistic` by default. */
  readonly concurrency?: DatastoreEngineOptions['concurrency'];
  /** Queues that are there from the start. */
  readonly queues?: readonly InitialQueue[];
  /** Whether a first CreateTask creates its queue; by default it does, unlike the real service. */
  readonly autoCreateQueues?: boolean;
  /** By default the machine's; a `VirtualClock` or `ShiftingClock` to drive it. */
  readonly clock?: Clock;
  /** Of the random choices of the faults; 1 by default. */
  readonly seed?: number;
}
