import type { Key } from '@google-cloud/datastore';
import { hash } from 'node:crypto';
import { keyFromProto, keyText } from '../datastore/keys.js';
import { complete } from '../lock/settle.js';
import { OutcomeUnknownError } from '../locker.errors.js';
import type { Clock } from '../system/clock.js';
import type { EntityAddress } from '../datastore/entity-address.js';
import type { TaskPlanner } from '../tasks/task-planner.js';
import type { Holding } from './holding.js';
import { Lease, type NextOptions, type Scheduled } from './lease.js';
import { nextMove } from './next-step.js';

/** The lease as a handler sees it. */
export class HeldLease extends Lease {
  readonly run: string;
  readonly step: number;
  readonly attempt: number;
  readonly task: string;
  readonly queue: string;
  readonly timedOut: boolean;
  readonly deadline: Date;

  private ownKey: Key | undefined;
  private isStarted = false;
  /** What the handler is still at, should an interceptor no longer wait for it. */
  private work: Promise<unknown> | undefined;
  private settleError: unknown;

  constructor(
    readonly holding: Holding,
    private readonly planner: TaskPlanner,
    private readonly clock: Clock,
  ) {
    super();
    const { definition, lock, queue, deadline } = holding.tenure;
    this.run = lock.run || lock.freshRun;
    this.step = lock.step;
    this.attempt = lock.tries + 1;
    this.task = definition.name;
    this.queue = queue;
    this.timedOut = lock.timedOut;
    this.deadline = new Date(deadline);
  }

  get key(): Key {
    return (this.ownKey ??= keyFromProto(this.holding.tenure.address.key));
  }

  get idempotencyKey(): string {
    return idempotencyKey(this.holding.tenure.address, this.run, this.step);
  }

  get signal(): AbortSignal {
    return this.holding.signal;
  }

  get timeLeftMs(): number {
    return this.deadline.getTime() - this.clock.now();
  }

  /** Whether the handler itself was reached, past its pipes. */
  get hasStarted(): boolean {
    return this.isStarted;
  }

  /** Why a settle that the handler asked for was not to be had, if it was not. */
  get failure(): unknown {
    return this.settleError;
  }

  /** The handler itself is reached. */
  start(handler: () => unknown): unknown {
    this.isStarted = true;
    const result = handler();
    if (result instanceof Promise) {
      const over = () => (this.work = undefined);
      this.work = result.then(over, over);
    }
    return result;
  }

  /** Nobody waits for the handler any more: if it is still at work its signal fires, and it has the lease to its end. */
  async giveUp(): Promise<void> {
    if (!this.work) return;
    this.holding.abort('unsubscribed');
    await this.work;
  }

  next(task = this.task, options: NextOptions = {}): Promise<Scheduled> {
    return this.noted(async () => {
      const { address, definition, tracked } = this.holding.tenure;
      const planned = this.planner.plan(address.key, task, options, this.queue);
      const move = nextMove(planned, options, definition.terms);
      const { lock, met } = await this.holding.settle('advanced', move, tracked.changes());
      return { run: lock.run, started: false, dispatched: met };
    });
  }

  complete(): Promise<void> {
    return this.noted(async () => {
      const { definition, tracked } = this.holding.tenure;
      await this.holding.settle(
        'completed',
        (lock, settlement) => complete(lock, settlement, definition.terms),
        tracked.changes(),
      );
    });
  }

  save(): Promise<void> {
    return harmless(async () => this.holding.touch(this.holding.tenure.tracked.changes()));
  }

  renew(): Promise<void> {
    return harmless(() => this.holding.touch(new Map()));
  }

  /** A settle that the handler asked for was not to be had. */
  settleFailed(error: unknown): void {
    this.settleError ??= error;
    if (error instanceof OutcomeUnknownError) this.holding.doubt(error);
  }

  /** A settle that fails is the attempt's failure, whether the handler waits for it or not. */
  private noted<T>(settle: () => Promise<T>): Promise<T> {
    const result = settle();
    result.catch((error: unknown) => this.settleFailed(error));
    return result;
  }
}

/** A failure that nobody waits for must not end the process. */
function harmless<T>(work: () => Promise<T>): Promise<T> {
  const result = work();
  result.catch(() => undefined);
  return result;
}

function idempotencyKey({ projectId, databaseId, key }: EntityAddress, run: string, step: number) {
  return hash('sha256', JSON.stringify([projectId, databaseId, keyText(key), run, step]));
}
