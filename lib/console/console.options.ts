import type { Key } from '@google-cloud/datastore';
import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import { signOfProduction, type Environment } from '../door/production.js';
import { OptionError } from '../locker.errors.js';
import type { LockerService } from '../locker.service.js';
import { toMilliseconds, type Duration } from '../system/duration.js';
import type { EmulatorHandle } from './emulator-view.js';

/** A guard, as `@UseGuards` takes it. */
export type ConsoleGuard = CanActivate | Type<CanActivate>;

/** What the page shows of an entity, by name: text, or what JSON can say. */
type Shown = Readonly<Record<string, unknown>>;

/** The chain whose entity is shown. */
export interface ShownChain {
  readonly key: Key;
  /** For what else belongs to it, such as the parts of a job. */
  readonly locker: LockerService;
}

/** The options of `LockerConsoleModule.forRoot()`. */
export interface LockerConsoleOptions {
  /** Where the console is served, below the application's global prefix. Default: `'/locker'`. */
  readonly path?: string;
  /** Who is let in, to see and to operate. Required, unless `open`. */
  readonly guards?: readonly ConsoleGuard[];
  /** Lets anybody in who can reach the application; refused in production. Default: `false`. */
  readonly open?: boolean;
  /** Modules that provide what the guards need. Default: none. */
  readonly imports?: ModuleMetadata['imports'];
  /** Names the person behind a request (Express's or Fastify's), for the log of who did what. Default: the request's address. */
  who?(request: object): string | undefined | Promise<string | undefined>;
  /**
   * Picks what the console shows of an entity, at once or after it has looked up more. Asked for whenever a chain's page
   * is looked at, and at each `refresh` while it is open. Default: nothing but the key and the lock.
   */
  properties?(entity: object, kind: string, chain: ShownChain): Shown | Promise<Shown>;
  /** An emulator in the same process, whose queues and tasks are shown too. Default: none. */
  readonly emulator?: EmulatorHandle;
  /** How often figures are looked up while somebody watches, `'1s'` at least. Default: `'3s'`. */
  readonly refresh?: Duration;
}

/** The checked options. */
export interface ConsoleSettings extends Pick<
  LockerConsoleOptions,
  'who' | 'properties' | 'emulator'
> {
  readonly path: string;
  readonly guards: readonly ConsoleGuard[];
  readonly refreshMs: number;
}

/** Checks the options of a console. @throws OptionError naming the option and the cure */
export function consoleSettings(
  options: LockerConsoleOptions,
  environment: Environment,
): ConsoleSettings {
  const { path = '/locker', guards = [], open = false, refresh = '3s' } = options;
  if (!/^\/[\w.~-]+(\/[\w.~-]+)*$/.test(path))
    throw wrong('path', `${JSON.stringify(path)}; expected a path such as '/locker'`);
  if (guards.length === 0 && !open)
    throw wrong(
      'guards',
      `empty, so anybody could cancel chains. Give the guards of your own people, or open: true on your machine`,
    );
  const sign = signOfProduction(environment);
  if (guards.length === 0 && sign !== undefined)
    throw wrong(
      'open',
      `refused, because ${sign} says that this is production. Give guards instead`,
    );
  const refreshMs = toMilliseconds(refresh);
  if (refreshMs === undefined || refreshMs < 1_000)
    throw wrong('refresh', `${refresh}; expected a duration of 1s or more`);
  return { ...options, path, guards, refreshMs };
}

function wrong(option: string, what: string): OptionError {
  return new OptionError(`LockerConsoleModule: option "${option}" is ${what}.`);
}
