import { registerAs } from '@nestjs/config';
import { alertTypes } from './alert/alert.js';
import type { LockerModuleOptions } from './locker.options.js';
import { guardModes, probeNames } from './locker.options.js';
import { Variables } from './settings/variables.js';
import type { Target } from './tasks/target.js';

/**
 * The options from environment variables, for `@nestjs/config`. Every option has one, named after it: `leaseDuration`
 * is `LOCKER_LEASE_DURATION`.
 *
 * @example
 * ```ts
 * LockerModule.forRootAsync(lockerConfig.asProvider())
 * ```
 * @throws OptionError naming the variable and what was expected
 */
export const lockerConfig = registerAs('locker', () => optionsFromEnvironment(process.env));

/** The options as the environment says them. */
export function optionsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): LockerModuleOptions {
  const variables = new Variables(environment);
  return {
    target: target(variables),
    guard: variables.word('LOCKER_GUARD', guardModes),
    callers: variables.names('LOCKER_CALLERS'),
    audiences: variables.names('LOCKER_AUDIENCES'),
    issuer: variables.text('LOCKER_ISSUER'),
    location: variables.required(
      variables.text('LOCKER_LOCATION'),
      'LOCKER_LOCATION',
      'the location of the queues, such as europe-west1',
    ),
    projectId: variables.text('LOCKER_PROJECT_ID'),
    databaseId: variables.text('LOCKER_DATABASE_ID'),
    namespaces: variables.list('LOCKER_NAMESPACES'),
    defaultQueue: variables.text('LOCKER_DEFAULT_QUEUE'),
    leaseDuration: variables.text('LOCKER_LEASE_DURATION'),
    leaseTimeout: variables.text('LOCKER_LEASE_TIMEOUT'),
    probes: variables.words('LOCKER_PROBES', probeNames),
    renew: variables.flag('LOCKER_RENEW'),
    maxRetries: variables.number('LOCKER_MAX_RETRIES'),
    maxPostpones: variables.number('LOCKER_MAX_POSTPONES'),
    onLost: variables.word('LOCKER_ON_LOST', ['retry', 'fail']),
    backoff: {
      min: variables.text('LOCKER_BACKOFF_MIN'),
      max: variables.text('LOCKER_BACKOFF_MAX'),
    },
    dispatchDeadline: variables.text('LOCKER_DISPATCH_DEADLINE'),
    requestTimeout: variables.text('LOCKER_REQUEST_TIMEOUT'),
    shutdownTimeout: variables.text('LOCKER_SHUTDOWN_TIMEOUT'),
    busyStatus: variables.number('LOCKER_BUSY_STATUS'),
    aliases: variables.pairs('LOCKER_ALIASES'),
    alerts: {
      only: variables.words('LOCKER_ALERTS_ONLY', alertTypes),
      console: variables.text('LOCKER_ALERTS_CONSOLE'),
    },
    sweep: sweep(variables),
    enabled: variables.flag('LOCKER_ENABLED'),
    historyLength: variables.number('LOCKER_HISTORY_LENGTH'),
    verbose: variables.flag('LOCKER_VERBOSE'),
    beginOnRead: variables.flag('LOCKER_BEGIN_ON_READ'),
  };
}

/** `LOCKER_BASE_URL`, with `LOCKER_OIDC_SERVICE_ACCOUNT` and `LOCKER_OIDC_AUDIENCE`; or `LOCKER_APP_ENGINE_SERVICE`. */
function target(variables: Variables): Target {
  const service = variables.text('LOCKER_APP_ENGINE_SERVICE');
  const version = variables.text('LOCKER_APP_ENGINE_VERSION');
  if (service) return { appEngine: { service, ...(version && { version }) } };
  const baseUrl = variables.required(
    variables.text('LOCKER_BASE_URL'),
    'LOCKER_BASE_URL',
    'the address of this application, such as https://orders.example.com (or set LOCKER_APP_ENGINE_SERVICE)',
  );
  const serviceAccountEmail = variables.text('LOCKER_OIDC_SERVICE_ACCOUNT');
  const audience = variables.text('LOCKER_OIDC_AUDIENCE');
  const oidc = serviceAccountEmail && { serviceAccountEmail, ...(audience && { audience }) };
  return { baseUrl, ...(oidc && { oidc }) };
}

/** `LOCKER_SWEEP=false` turns it off. */
function sweep(variables: Variables): LockerModuleOptions['sweep'] {
  if (variables.flag('LOCKER_SWEEP') === false) return false;
  const every = variables.text('LOCKER_SWEEP_EVERY');
  const queue = variables.text('LOCKER_SWEEP_QUEUE');
  return { ...(every && { every }), ...(queue && { queue }) };
}
