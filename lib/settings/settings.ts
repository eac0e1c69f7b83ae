import { alertTypes, type AlertOptions } from '../alert/alert.js';
import type { Terms } from '../lock/terms.js';
import { probeNames, type LockerModuleOptions, type ProbeName } from '../locker.options.js';
import type { Probe } from '../probe/probe.js';
import { unsettledStatus } from '../probe/proof.js';
import type { Target } from '../tasks/target.js';
import { allMatching, duration, flag, matching, oneOf, reject, whole } from './expect.js';
import { guardFrom, identified, type GuardSettings } from './guard-settings.js';

/** The options as they are used: checked, defaults filled in, durations in milliseconds. */
export interface Settings {
  readonly projectId: string;
  readonly target: Target;
  readonly guard: GuardSettings;
  readonly location: string;
  readonly databaseId: string;
  readonly namespaces: readonly string[];
  readonly defaultQueue: string;
  readonly renew: boolean;
  readonly dispatchDeadline: number;
  readonly requestTimeout: number;
  readonly shutdownTimeout: number;
  readonly busyStatus: number;
  readonly aliases: Readonly<Record<string, string>>;
  readonly probes: readonly (ProbeName | Probe)[];
  readonly alerts: AlertOptions;
  /** Undefined: nothing is swept but by `recover()`. */
  readonly sweep: { readonly every: number; readonly queue: string } | undefined;
  readonly enabled: boolean;
  readonly verbose: boolean;
  readonly beginOnRead: boolean;
  /** What a task goes by unless its declaration says otherwise. */
  readonly terms: Terms;
}

/** How long after a dispatch the sweep looks whether its step was taken up, milliseconds. */
const dispatchGrace = 60_000;
/** Limits of Cloud Tasks: https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2#task */
const deadlines = { least: 15_000, most: 30 * 60_000 };

/**
 * Checks the options, each alone and all together.
 *
 * @param projectId the project, as options, environment or credentials say it
 * @throws OptionError naming the option, what was expected, and the cure
 */
export function settingsFrom(options: LockerModuleOptions, projectId: string): Settings {
  const to = identified(target(options.target));
  const settings: Settings = {
    projectId,
    target: to,
    guard: guardFrom(options, to),
    location: matching(
      'location',
      options.location,
      /^[a-z0-9-]+$/,
      `a location such as 'europe-west1'`,
    ),
    databaseId: matching('databaseId', options.databaseId ?? '', /^[a-z0-9-]*$/, 'a database id'),
    namespaces: namespaces(options.namespaces ?? ['']),
    defaultQueue: queue('defaultQueue', options.defaultQueue ?? 'default'),
    renew: flag('renew', options.renew ?? true),
    dispatchDeadline: duration(
      'dispatchDeadline',
      options.dispatchDeadline ?? '10m',
      deadlines.least,
    ),
    requestTimeout: duration('requestTimeout', options.requestTimeout ?? '5m', 1),
    shutdownTimeout: duration('shutdownTimeout', options.shutdownTimeout ?? '8s'),
    busyStatus: whole('busyStatus', options.busyStatus ?? 409, 400, 599),
    aliases: options.aliases ?? {},
    probes: probes(options.probes ?? ['instance', 'delivery', 'task']),
    alerts: alertsFrom(options.alerts ?? {}),
    sweep: sweepFrom(options),
    enabled: flag('enabled', options.enabled ?? true),
    verbose: flag('verbose', options.verbose ?? false),
    beginOnRead: flag('beginOnRead', options.beginOnRead ?? true),
    terms: termsFrom(options),
  };
  checkTogether(settings);
  return settings;
}

function sweepFrom({ sweep, defaultQueue, enabled }: LockerModuleOptions): Settings['sweep'] {
  if (sweep === false || enabled === false) return undefined;
  return {
    every: duration('sweep.every', sweep?.every ?? '1m', 10_000),
    queue: queue('sweep.queue', sweep?.queue ?? defaultQueue ?? 'default'),
  };
}

function alertsFrom({ only, console, details }: AlertOptions): AlertOptions {
  only?.forEach((type) => oneOf('alerts.only', type, alertTypes));
  if (details !== undefined && typeof details !== 'function')
    reject('alerts.details', 'a function of an alert', details);
  if (console !== undefined)
    matching('alerts.console', console, /^https?:\/\//, 'an http(s) address');
  return { only, console, details };
}

function queue(option: string, name: string): string {
  return matching(option, name, /^[A-Za-z0-9-]{1,100}$/, `a queue's short name`);
}

function termsFrom(options: LockerModuleOptions): Terms {
  return {
    leaseDuration: duration('leaseDuration', options.leaseDuration ?? '1m', 1_000),
    leaseTimeout: duration('leaseTimeout', options.leaseTimeout ?? '10m30s', 1_000),
    maxRetries: whole('maxRetries', options.maxRetries ?? 10, 0, 1_000),
    maxPostpones: whole('maxPostpones', options.maxPostpones ?? 1_000, 0, 1_000_000),
    onLost: oneOf('onLost', options.onLost ?? 'retry', ['retry', 'fail']),
    backoff: {
      min: duration('backoff.min', options.backoff?.min ?? '10s'),
      max: duration('backoff.max', options.backoff?.max ?? '10m'),
    },
    dispatchGrace,
    historyLength: whole('historyLength', options.historyLength ?? 20, 0, 200),
  };
}

function checkTogether({ terms, dispatchDeadline, target: to, busyStatus }: Settings): void {
  if (busyStatus === unsettledStatus)
    reject(
      'busyStatus',
      `another status: ${unsettledStatus} says that a handler has ended`,
      busyStatus,
    );
  if (dispatchDeadline > deadlines.most && !('appEngine' in to))
    reject(
      'dispatchDeadline',
      'at most 30 minutes, the most that Cloud Tasks waits for an HTTP target',
      dispatchDeadline,
    );
  if (terms.leaseTimeout <= dispatchDeadline)
    reject(
      'leaseTimeout',
      `more than dispatchDeadline (${dispatchDeadline} ms), or a request still running could lose its lease`,
      terms.leaseTimeout,
    );
  if (terms.leaseTimeout < terms.leaseDuration)
    reject(
      'leaseTimeout',
      `at least leaseDuration (${terms.leaseDuration} ms)`,
      terms.leaseTimeout,
    );
  if (terms.backoff.max < terms.backoff.min)
    reject('backoff.max', `at least backoff.min (${terms.backoff.min} ms)`, terms.backoff.max);
}

const targets = `{ baseUrl: 'https://…' } or { appEngine: {} }`;

function probes(given: readonly (ProbeName | Probe)[]): readonly (ProbeName | Probe)[] {
  const list: unknown = given;
  const isList = Array.isArray(list) && list.every(isProbe);
  const words = probeNames.map((name) => `'${name}'`).join(', ');
  return isList ? given : reject('probes', `a list of ${words}, or objects with ask()`, given);
}

function isProbe(one: unknown): boolean {
  const isOwn = typeof one === 'object' && one !== null && 'ask' in one;
  return isOwn || probeNames.some((name) => name === one);
}

function target(given: Target): Target {
  const value: unknown = given;
  if (typeof value !== 'object' || value === null) return reject('target', targets, given);
  if ('appEngine' in given) return given;
  const url = URL.canParse(given.baseUrl) ? new URL(given.baseUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    return reject('target', targets, given);
  return given;
}

function namespaces(given: readonly string[]): readonly string[] {
  const expected = `names such as [''] for the default one`;
  const names = allMatching('namespaces', given, /^[0-9A-Za-z._-]{0,100}$/, expected);
  return names.length > 0 ? names : reject('namespaces', expected, given);
}
