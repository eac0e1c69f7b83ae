import { Status, statusOf } from '../google/status.js';
import {
  ContentionError,
  DatastoreUnavailableError,
  LockerError,
  OutcomeUnknownError,
} from '../locker.errors.js';
import { sleep, type Clock } from '../system/clock.js';
import type { Entropy } from '../system/entropy.js';
import type { KeyProto } from '../google/datastore-api.js';
import type { Database } from './database.js';
import { lookup, type Found } from './lookup.js';
import { CommitError, Transaction } from './transaction.js';

/** How long a transaction is tried again before its caller is told, milliseconds. */
const budget = 20_000;
/** The first pause before another try, and the longest, milliseconds; each is drawn from zero to that. */
const pauses = { first: 20, longest: 1_000 };

/** What one try must know of those before it. */
export interface Attempt {
  /** An earlier commit was answered by an error that may mean it was applied. */
  readonly inDoubt: boolean;
}

/** Runs transactions until they commit, within a budget of time. */
export class Transactions {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  /**
   * Runs `work` in a transaction, again while others conflict with it. What `work` leaves uncommitted is rolled
   * back. It runs again after a commit that may have been applied too, told so, and has to recognise its own result.
   *
   * @param subject the key it is about, for messages
   * @throws ContentionError, DatastoreUnavailableError when the budget is spent and nothing was written, the latter also
   * at once when Datastore lets nobody in
   * @throws OutcomeUnknownError when it is spent and something may have been
   */
  async run<T>(
    subject: string,
    work: (transaction: Transaction, attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    const giveUpAt = this.clock.now() + budget;
    let previous: Transaction['identity'];
    let inDoubt = false;
    for (let tries = 0; ; tries++) {
      const transaction = new Transaction(this.database, previous, this.clock);
      try {
        return await work(transaction, { inDoubt });
      } catch (error) {
        previous = transaction.identity ?? previous;
        inDoubt ||= error instanceof CommitError && error.applied === 'unknown';
        const cause = error instanceof CommitError ? error.cause : error;
        if (cause instanceof LockerError) throw cause;
        if (!isTransient(cause)) throw refused(subject, inDoubt, cause);
        // Twice at least: a process that was stopped for a while has spent its time on nothing.
        if (tries > 0 && this.clock.now() >= giveUpAt) throw gaveUp(subject, inDoubt, cause);
      } finally {
        await transaction.rollback();
      }
      await sleep(this.clock, this.pause(tries));
    }
  }

  /** Reads without a transaction, again while Datastore does not answer. */
  async read(subject: string, keys: readonly KeyProto[]): Promise<Found> {
    return this.run(subject, () => lookup(this.database, keys, {}));
  }

  private pause(tries: number): number {
    return this.entropy.fraction() * Math.min(pauses.longest, pauses.first * 2 ** tries);
  }
}

const transient: readonly (number | undefined)[] = [
  Status.ABORTED,
  Status.UNAVAILABLE,
  Status.DEADLINE_EXCEEDED,
  Status.INTERNAL,
  Status.UNKNOWN,
  Status.CANCELLED,
  Status.RESOURCE_EXHAUSTED,
];

/** Datastore ends a transaction that was idle for a minute: nothing was written, and another one may succeed. */
const expired = /transaction has expired|no longer valid/i;

function isTransient(error: unknown): boolean {
  const status = statusOf(error);
  if (status === Status.INVALID_ARGUMENT)
    return error instanceof Error && expired.test(error.message);
  return transient.includes(status);
}

/** Whom Datastore does not let in, it may let in when somebody has given the account its role. */
const barred: readonly (number | undefined)[] = [Status.UNAUTHENTICATED, Status.PERMISSION_DENIED];

function refused(subject: string, inDoubt: boolean, cause: unknown): unknown {
  if (inDoubt) return new OutcomeUnknownError(subject, cause);
  return barred.includes(statusOf(cause)) ? new DatastoreUnavailableError(subject, cause) : cause;
}

function gaveUp(subject: string, inDoubt: boolean, cause: unknown): LockerError {
  if (inDoubt) return new OutcomeUnknownError(subject, cause);
  return statusOf(cause) === Status.ABORTED
    ? new ContentionError(subject, cause)
    : new DatastoreUnavailableError(subject, cause);
}
