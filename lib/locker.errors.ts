/** Every error of this package: `code` to tell them apart, `status` for the request that ends with it. */
export abstract class LockerError extends Error {
  /** A stable name of what happened, such as `LEASE_LOST`. */
  abstract readonly code: string;
  /** The HTTP status that a request answers with when this error ends it. */
  abstract readonly status: number;

  /** The class's own name, such as `LeaseLostError`. */
  override get name(): string {
    return this.constructor.name;
  }
}

/** An option is missing or wrong. The application does not start. */
export class OptionError extends LockerError {
  readonly code = 'OPTION';
  readonly status = 500;
}

/** A `@LockedTask` or an entity class is declared wrongly. The application does not start. */
export class DeclarationError extends LockerError {
  readonly code = 'DECLARATION';
  readonly status = 500;
}

/** A task cannot be scheduled as asked: its name, time, body or queue. Nothing was stored. */
export class TaskRefusedError extends LockerError {
  readonly code = 'TASK_REFUSED';
  readonly status = 500;
}

/** An entity does not fit the key or the lease it was given with. Nothing was stored. */
export class WrongEntityError extends LockerError {
  readonly code = 'WRONG_ENTITY';
  readonly status = 500;
}

/** A property has a value that Datastore has no type for. Nothing was stored. */
export class UnsupportedValueError extends LockerError {
  readonly code = 'UNSUPPORTED_VALUE';
  readonly status = 500;

  constructor(
    /** The property, such as `lines[2].price`. */
    readonly property: string,
    what: string,
  ) {
    super(
      `Property "${property}" holds ${what}, which Datastore cannot store. Convert it, or keep it in a getter or a private #field.`,
    );
  }
}

/** What happened to one lock. */
abstract class LockError extends LockerError {
  constructor(
    /** The entity's key, as text. */
    readonly key: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** There is no entity under a key. */
export class EntityNotFoundError extends LockError {
  readonly code = 'ENTITY_NOT_FOUND';
  readonly status = 404;

  constructor(key: string) {
    super(key, `There is no entity ${key}.`);
  }
}

/** The stored lock is not one that this package wrote. Nothing runs on it. */
export class UnreadableLockError extends LockError {
  readonly code = 'UNREADABLE_LOCK';
  readonly status = 500;

  constructor(key: string, property: string, cause?: unknown) {
    super(
      key,
      `The lock of ${key} cannot be read: property ${property} is damaged. Restore it or remove all lock_* properties.`,
      { cause },
    );
  }
}

/** A run is under way on the entity, and `onActive` said to reject. Nothing was stored. */
export class RunActiveError extends LockError {
  readonly code = 'RUN_ACTIVE';
  readonly status = 409;

  constructor(
    key: string,
    /** The run under way. */
    readonly run: string,
    readonly step: number,
  ) {
    super(
      key,
      `A run is under way on ${key}, at step ${step}. Wait for its end, or schedule with onActive: 'join' or 'replace'.`,
    );
  }
}

/** A run is not in the state that an operation needs. Nothing was stored. */
export class RunStateError extends LockError {
  readonly code = 'RUN_STATE';
  readonly status = 409;

  constructor(
    key: string,
    /** What the run is instead. */
    readonly state: string,
    operation: string,
  ) {
    super(key, `The run on ${key} is ${state}, so it cannot be ${operation}.`);
  }
}

/** The lease is no longer this holder's: it was taken over, cancelled or replaced. Nothing was stored. */
export class LeaseLostError extends LockError {
  readonly code = 'LEASE_LOST';
  readonly status = 409;

  constructor(
    key: string,
    readonly step: number,
  ) {
    super(
      key,
      `The lease on step ${step} of ${key} was lost, so nothing was stored. Another attempt has it now; let this one end.`,
    );
  }
}

/** Why a lease's signal fired: the reason of `lease.signal`. */
export class LeaseAbortedError extends LockError {
  readonly code = 'LEASE_ABORTED';
  readonly status = 409;

  constructor(
    key: string,
    /**
     * `lost`: another attempt has the lease, or the run was cancelled or replaced. `expiring`: no renewal got through.
     * `deadline`: the request will be cut off. `shutdown`: the instance goes. `unsubscribed`: nobody waits any more.
     */
    readonly reason: 'lost' | 'expiring' | 'deadline' | 'shutdown' | 'unsubscribed',
  ) {
    super(key, `The work on ${key} is to end now: ${abortReasons[reason]}.`);
  }
}

const abortReasons = {
  lost: 'its lease is lost, because another attempt has it, or the run was cancelled or replaced',
  expiring: 'its lease could not be renewed and will soon be taken over',
  deadline: 'its request is about to be cut off; work in shorter steps or raise requestTimeout',
  shutdown: 'the instance shuts down, and another one will run the step',
  unsubscribed: 'an interceptor or the client gave the request up',
};

/** A handler settled its step a second time. The first settle stands. */
export class AlreadySettledError extends LockError {
  readonly code = 'ALREADY_SETTLED';
  readonly status = 500;

  constructor(
    key: string,
    readonly step: number,
  ) {
    super(
      key,
      `Step ${step} of ${key} is settled already. Call next() or complete() once, as the last thing a handler does.`,
    );
  }
}

/** A handler used its lease while its transaction was under way. The transaction goes on. */
export class TransactionUnderWayError extends LockError {
  readonly code = 'TRANSACTION_UNDER_WAY';
  readonly status = 500;

  constructor(
    key: string,
    readonly step: number,
  ) {
    super(
      key,
      `A transaction of step ${step} of ${key} is under way. Inside it use only what it is given, such as tx.save() and tx.next(); wait for it before anything else.`,
    );
  }
}

/** A commit was answered by an error that may mean it was applied, and what is stored now does not tell. */
export class OutcomeUnknownError extends LockError {
  readonly code = 'OUTCOME_UNKNOWN';
  readonly status = 503;

  constructor(key: string, cause?: unknown) {
    super(
      key,
      `Datastore did not say whether the write of ${key} was applied, and the entity has moved on since. Read it before deciding anew.`,
      { cause },
    );
  }
}

/** Other writers kept a transaction from committing for too long. Nothing was stored. */
export class ContentionError extends LockError {
  readonly code = 'CONTENTION';
  readonly status = 409;

  constructor(key: string, cause?: unknown) {
    super(key, `Others wrote ${key} all the time, so a transaction on it gave up. Try again.`, {
      cause,
    });
  }
}

/** Datastore did not answer, or does not let this account in. Nothing was stored. */
export class DatastoreUnavailableError extends LockError {
  readonly code = 'DATASTORE_UNAVAILABLE';
  readonly status = 503;

  constructor(key: string, cause?: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    super(key, `Datastore could not be reached for ${key}${why}. Try again.`, { cause });
  }
}

/** A step was committed but its task could not be created yet. Redelivery or the sweep will create it. */
export class TaskNotDispatchedError extends LockError {
  readonly code = 'TASK_NOT_DISPATCHED';
  readonly status = 409;

  constructor(
    key: string,
    reason: string,
    /** Whether only another configuration can help: a queue, a role, a handler. */
    readonly isMisconfigured: boolean,
    cause?: unknown,
  ) {
    super(key, `The next step of ${key} is stored, but its task could not be created: ${reason}.`, {
      cause,
    });
  }
}

/** A delivered task whose headers cannot be read. It is dropped, because it would never become readable. */
export class UnreadableTaskError extends LockerError {
  readonly code = 'UNREADABLE_TASK';
  readonly status = 400;
}
