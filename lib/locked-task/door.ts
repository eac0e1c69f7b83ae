import type { GuardMode } from '../locker.options.js';
import { OptionError } from '../locker.errors.js';
import type { Headers } from '../tasks/task-request.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Decides who is a queue. */
export class Door {
  /** @throws OptionError for a mode that would leave a production system open, or that its platform cannot back */
  constructor(
    private readonly mode: GuardMode,
    /** Whether tasks are run at all, or the application only stands by. */
    readonly isOpen: boolean,
    environment: Environment,
  ) {
    const production = ['K_SERVICE', 'GAE_ENV'].find((name) => environment[name]);
    const reason =
      production ?? (environment['NODE_ENV'] === 'production' ? 'NODE_ENV' : undefined);
    if (mode === 'none' && reason)
      throw new OptionError(
        `LockerModule: guard 'none' would let anybody run tasks, and ${reason} says this is production. Use 'appengine', or 'none-even-in-production' behind a gateway that checks the caller.`,
      );
    if (mode === 'appengine' && !environment['GAE_ENV'] && !environment['GAE_SERVICE'])
      throw new OptionError(
        `LockerModule: guard 'appengine' relies on App Engine, which this is not: neither GAE_ENV nor GAE_SERVICE is set, so anybody could send its headers.`,
      );
  }

  /** Why a request is refused; undefined: it is let in. */
  refusalOf(headers: Headers): string | undefined {
    if (this.mode !== 'appengine') return undefined;
    return headers['x-appengine-queuename']
      ? undefined
      : 'it does not come from a queue of App Engine';
  }
}
