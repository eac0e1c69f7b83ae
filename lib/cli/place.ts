import { OptionError } from '../locker.errors.js';
import type { LockerModuleOptions } from '../locker.options.js';
import { optionsFromEnvironment } from '../locker.config.js';
import { UsageError } from './usage-error.js';

/** Where chains are, as the command line says it. */
export interface Place {
  readonly project?: string;
  readonly database?: string;
  readonly namespace?: string;
  readonly json?: boolean;
}

/** Where tasks are created, and where they go. */
export interface Dispatching extends Place {
  readonly location?: string;
  readonly target?: string;
  readonly serviceAccount?: string;
  readonly defaultQueue?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** For what creates no task. */
const nowhere = {
  LOCKER_LOCATION: 'nowhere',
  LOCKER_BASE_URL: 'http://localhost',
  LOCKER_SWEEP: 'false',
};

/** The options of a locker that only reads, or does what owes nothing afterwards. */
export function readingOptions(place: Place, environment: Environment): LockerModuleOptions {
  return optionsFrom({ ...environment, LOCKER_APP_ENGINE_SERVICE: '', ...nowhere }, place);
}

/** The options of a locker that creates tasks. What it lacks throws a {@link UsageError}. */
export function dispatchingOptions(
  { location, target, serviceAccount, defaultQueue, ...place }: Dispatching,
  environment: Environment,
): LockerModuleOptions {
  const given = {
    LOCKER_LOCATION: location,
    LOCKER_BASE_URL: target,
    LOCKER_APP_ENGINE_SERVICE: target === undefined ? undefined : '',
    LOCKER_OIDC_SERVICE_ACCOUNT: serviceAccount,
    LOCKER_DEFAULT_QUEUE: defaultQueue,
  };
  return optionsFrom({ ...environment, ...defined(given) }, place);
}

/** Nobody delivers tasks to this program, and nobody's request is looked for: guard and probes are of no concern. */
function optionsFrom(
  environment: Environment,
  { project, database, namespace }: Place,
): LockerModuleOptions {
  const given = {
    LOCKER_PROJECT_ID: project,
    LOCKER_DATABASE_ID: database,
    LOCKER_NAMESPACES: namespace,
  };
  const own = { LOCKER_GUARD: 'none', LOCKER_PROBES: '', LOCKER_ENABLED: '' };
  try {
    return optionsFromEnvironment({ ...environment, ...own, ...defined(given) });
  } catch (error) {
    if (error instanceof OptionError) throw new UsageError(withOption(error.message));
    throw error;
  }
}

function defined(variables: Environment): Environment {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}

/** Some variables have an option of the command line's. */
function withOption(message: string): string {
  const options = { LOCKER_LOCATION: '--location', LOCKER_BASE_URL: '--target' };
  const [, option] = Object.entries(options).find(([name]) => message.includes(`${name} `)) ?? [];
  return option === undefined ? message : `${message} Or say ${option}.`;
}
