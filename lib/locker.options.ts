import type { Datastore } from '@google-cloud/datastore';
import type { CloudTasksClient } from '@google-cloud/tasks';
import type { Alerter, AlertOptions } from './alert/alert.js';
import type { Probe } from './probe/probe.js';
import type { Duration } from './system/duration.js';
import type { Telemetry } from './system/telemetry.js';
import type { Target } from './tasks/target.js';

/**
 * How a request proves that it may deliver tasks.
 *
 * - `oidc`: by a token that Google signed for the target's account or one of `callers`, made out to the target's
 *   audience or one of `audiences`.
 * - `cloud-run-iam`: by such a token that Cloud Run has checked, and made worthless by taking its signature off. Only on
 *   Cloud Run, and only where the service requires authentication: on a public one anybody could write such a token.
 * - `appengine`: by the header of App Engine's queues, which the platform strips from everybody else's requests. Only
 *   on App Engine.
 * - `none`: anybody may; refused in production.
 * - `none-even-in-production`: anybody may, because something in front of the application checks.
 */
export type GuardMode = (typeof guardModes)[number];

/** The guard modes there are. */
export const guardModes = [
  'oidc',
  'cloud-run-iam',
  'appengine',
  'none',
  'none-even-in-production',
] as const;

/**
 * A source of evidence that the request which holds a lease has ended.
 *
 * - `instance`: the table of leases of this very process.
 * - `delivery`: what the queue says with the next delivery of the holder's task.
 * - `task`: the holder's task, as Cloud Tasks shows it. Needs `cloudtasks.tasks.get`.
 * - `logging`: the platform's request log. Needs `@google-cloud/logging`, and `logging.logEntries.list`.
 */
export type ProbeName = (typeof probeNames)[number];

/** The probes there are. */
export const probeNames = ['instance', 'delivery', 'task', 'logging'] as const;

/** The options of `LockerModule.forRoot()`. Durations are milliseconds or text such as `'10m30s'`. */
export interface LockerModuleOptions {
  /** Where tasks are delivered to: `{ baseUrl: 'https://…' }` or `{ appEngine: {} }`. */
  readonly target: Target;
  /** How requests prove that they may deliver tasks. Default: that of the target, `'appengine'`, or `'oidc'` for an HTTP target with `oidc`; where there is none the application does not start. */
  readonly guard?: GuardMode | undefined;
  /** Further service accounts that may deliver tasks and have the sweep run, such as that of Cloud Scheduler, with tokens made out to the same audiences. Default: none but `target.oidc`'s. */
  readonly callers?: readonly string[] | undefined;
  /** What tokens may be made out to besides the target's audience, such as a former address. Default: nothing else. */
  readonly audiences?: readonly string[] | undefined;
  /** Who signs tokens instead of Google: the emulator's `controlUrl`. Refused in production. Default: Google, or `CLOUD_TASKS_EMULATOR_ISSUER` beside `CLOUD_TASKS_EMULATOR_HOST`. */
  readonly issuer?: string | undefined;
  /** The location of the queues, such as `europe-west1`. */
  readonly location: string;
  /** The Google Cloud project. Default: that of the Datastore client, from the environment or its credentials. */
  readonly projectId?: string | undefined;
  /** The Datastore database. Default: the default database. */
  readonly databaseId?: string | undefined;
  /** The namespaces whose entities may be locked. Default: `['']`, the default namespace. */
  readonly namespaces?: readonly string[] | undefined;
  /** The queue of a chain's first step. Default: `'default'`. */
  readonly defaultQueue?: string | undefined;
  /** How long a lease is good for without renewal. Default: `'1m'`. */
  readonly leaseDuration?: Duration | undefined;
  /** When the lease of a holder that does not renew is taken in any case. Default: `'10m30s'`. */
  readonly leaseTimeout?: Duration | undefined;
  /** What is asked, in this order, whether the request of a holder that does not renew has ended, once `leaseDuration` is over. Default: `['instance', 'delivery', 'task']`. */
  readonly probes?: readonly (ProbeName | Probe)[] | undefined;
  /** Whether leases are renewed while their handlers run. Default: `true`. */
  readonly renew?: boolean | undefined;
  /** Attempts after the first, lost ones included. Default: `10`. */
  readonly maxRetries?: number | undefined;
  /** How often a step may throw a `RetryTaskError`. Default: `1000`. */
  readonly maxPostpones?: number | undefined;
  /** What a lost attempt means, of which nobody knows what it did: `'retry'` or `'fail'`. Default: `'retry'`. */
  readonly onLost?: 'retry' | 'fail' | undefined;
  /** The pause after a failed attempt, doubling. Default: `{ min: '10s', max: '10m' }`. */
  readonly backoff?:
    | {
        readonly min?: Duration | undefined;
        readonly max?: Duration | undefined;
      }
    | undefined;
  /** How long Cloud Tasks waits for an answer, 15 s to 30 min. Default: `'10m'`. */
  readonly dispatchDeadline?: Duration | undefined;
  /** How long the platform lets a request run. Default: `'5m'`, Cloud Run's. */
  readonly requestTimeout?: Duration | undefined;
  /** How long a shutdown waits for handlers to end, after their signals have fired. Default: `'8s'`, of the 10 s that Cloud Run gives. */
  readonly shutdownTimeout?: Duration | undefined;
  /** The answer "another request holds the lease". 503 would make Cloud Tasks slow the queue. Default: `409`. */
  readonly busyStatus?: number | undefined;
  /** Former task names: `{ 'old-name': 'new-name' }`, for steps that are stored under them. Default: none. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  /** How often a namespace is swept while anything in it is owed, and by which queue; `false`: by `recover()` only. Default: `{ every: '1m' }`, `defaultQueue`. */
  readonly sweep?: { readonly every?: Duration; readonly queue?: string } | false | undefined;
  /** Whether tasks are run. `false` answers them 503 and sweeps nothing, for a version that is to stand by. Default: `true`. */
  readonly enabled?: boolean | undefined;
  /** How many transitions an entity's lock remembers; 0 turns it off. Default: `20`. */
  readonly historyLength?: number | undefined;
  /** Whether every decision is logged, not those alone that somebody may have to act on. Default: `false`. */
  readonly verbose?: boolean | undefined;
  /** What is alerted of, and what an alert tells besides. Default: everything that there is to be alerted of, and nothing of the entity but its key. */
  readonly alerts?: AlertOptions | undefined;
  /** Where alerts go, such as `new MailAlerter(…)` of `nestjs-datastore-locker/mail`. Default: to the error log. */
  readonly alerter?: Alerter | undefined;
  /** What sees the package at work, such as `openTelemetry()` of `nestjs-datastore-locker/telemetry`. Default: nothing. */
  readonly telemetry?: Telemetry | undefined;
  /** Begin transactions with their first read, which saves a call. Google's Firestore emulator needs `false`. Default: `true`. */
  readonly beginOnRead?: boolean | undefined;
  /** The Datastore client. Default: one of its own, which heeds `DATASTORE_EMULATOR_HOST`. */
  readonly datastore?: Datastore | undefined;
  /** The Cloud Tasks client. Default: one of its own, which heeds `CLOUD_TASKS_EMULATOR_HOST`. */
  readonly tasks?: CloudTasksClient | undefined;
}
