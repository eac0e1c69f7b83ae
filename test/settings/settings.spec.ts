import { describe, expect, it } from 'vitest';
import type { LockerModuleOptions } from '../../lib/locker.options.js';
import { settingsFrom } from '../../lib/settings/settings.js';

const least: LockerModuleOptions = {
  target: { baseUrl: 'https://orders.example.com' },
  guard: 'none',
  location: 'europe-west1',
};
const project = 'p';

/** Options as JavaScript, JSON or the environment may give them. */
const withOptions = (options: object) => settingsFrom({ ...least, ...options }, project);

describe('options', () => {
  it('have defaults', () => {
    expect(settingsFrom(least, project)).toMatchObject({
      projectId: 'p',
      databaseId: '',
      namespaces: [''],
      defaultQueue: 'default',
      renew: true,
      dispatchDeadline: 600_000,
      requestTimeout: 300_000,
      busyStatus: 409,
      aliases: {},
      verbose: false,
      enabled: true,
      beginOnRead: true,
      sweep: { every: 60_000, queue: 'default' },
      terms: {
        leaseDuration: 60_000,
        leaseTimeout: 630_000,
        maxRetries: 10,
        maxPostpones: 1_000,
        onLost: 'retry',
        backoff: { min: 10_000, max: 600_000 },
        dispatchGrace: 60_000,
        historyLength: 20,
      },
    });
  });

  it.each<[object, object]>([
    [{ leaseDuration: '90s' }, { terms: { leaseDuration: 90_000 } }],
    [{ leaseDuration: 1_500 }, { terms: { leaseDuration: 1_500 } }],
    [{ backoff: { min: '1.5s' } }, { terms: { backoff: { min: 1_500, max: 600_000 } } }],
    [{ backoff: { min: 0, max: 0 } }, { terms: { backoff: { min: 0, max: 0 } } }],
    [{ maxRetries: 0, maxPostpones: 0 }, { terms: { maxRetries: 0, maxPostpones: 0 } }],
    [{ historyLength: 0 }, { terms: { historyLength: 0 } }],
    [{ busyStatus: 503 }, { busyStatus: 503 }],
    [{ namespaces: ['', 'tenant-a', 'b.c_d'] }, { namespaces: ['', 'tenant-a', 'b.c_d'] }],
    [{ sweep: false }, { sweep: undefined }],
    [{ enabled: false }, { sweep: undefined, enabled: false }],
    [{ sweep: { queue: 'slow' } }, { sweep: { every: 60_000, queue: 'slow' } }],
    [{ defaultQueue: 'slow' }, { sweep: { queue: 'slow' } }],
    [
      { dispatchDeadline: '24h', leaseTimeout: '25h', target: { appEngine: {} }, guard: 'none' },
      { dispatchDeadline: 86_400_000 },
    ],
    [{ target: { baseUrl: 'http://127.0.0.1:3000/base/' } }, {}],
  ])('%j are taken', (options, settings) => {
    expect(withOptions(options)).toMatchObject(settings);
  });

  it.each<[object, string]>([
    [
      { target: undefined },
      `option "target" expected { baseUrl: 'https://…' } or { appEngine: {} }, got undefined`,
    ],
    [{ target: null }, `option "target" expected`],
    [{ target: { baseUrl: 'orders' } }, `got { baseUrl: 'orders' }`],
    [{ target: { baseUrl: 'ftp://orders' } }, `option "target"`],
    [{ target: { baseUrl: 'https://orders/?a=1' } }, `option "target"`],
    [{ target: { baseUrl: 'https://orders/#x' } }, `option "target"`],
    [{ guard: 'open' }, `option "guard" expected`],
    [
      { guard: 'appengine' },
      `option "guard" expected 'appengine' only with target { appEngine: {} }`,
    ],
    [{ location: '' }, `option "location" expected a location such as 'europe-west1', got ''`],
    [{ location: undefined }, `option "location"`],
    [{ location: 'europe/west1' }, `option "location"`],
    [{ databaseId: '(default)' }, `option "databaseId" expected a database id, got '(default)'`],
    [
      { namespaces: [] },
      `option "namespaces" expected names such as [''] for the default one, got []`,
    ],
    [{ namespaces: ['a b'] }, `option "namespaces"`],
    [{ namespaces: 'tenant' }, `option "namespaces"`],
    [{ defaultQueue: 'a/b' }, `option "defaultQueue" expected a queue's short name, got 'a/b'`],
    [
      { leaseDuration: '1 minute' },
      `option "leaseDuration" expected a duration such as '90s' of at least 1000 ms, got '1 minute'`,
    ],
    [{ leaseDuration: 999 }, `option "leaseDuration"`],
    [{ leaseDuration: NaN }, `option "leaseDuration"`],
    [{ leaseDuration: true }, `option "leaseDuration"`],
    [{ leaseTimeout: '-1m' }, `option "leaseTimeout"`],
    [
      { leaseTimeout: '10m' },
      `option "leaseTimeout" expected more than dispatchDeadline (600000 ms), or a request still running could lose its lease, got 600000`,
    ],
    [
      { leaseDuration: '1h' },
      `option "leaseTimeout" expected at least leaseDuration (3600000 ms), got 630000`,
    ],
    [{ maxRetries: -1 }, `option "maxRetries" expected a whole number from 0 to 1000, got -1`],
    [{ maxRetries: 1.5 }, `option "maxRetries"`],
    [{ maxRetries: '10' }, `option "maxRetries"`],
    [{ maxRetries: Infinity }, `option "maxRetries"`],
    [{ maxPostpones: -1 }, `option "maxPostpones" expected a whole number from 0 to 1000000`],
    [{ onLost: 'ignore' }, `option "onLost" expected 'retry' or 'fail', got 'ignore'`],
    [{ backoff: { min: 'x' } }, `option "backoff.min" expected a duration such as '90s', got 'x'`],
    [
      { backoff: { min: '1h' } },
      `option "backoff.max" expected at least backoff.min (3600000 ms), got 600000`,
    ],
    [
      { dispatchDeadline: '14s' },
      `option "dispatchDeadline" expected a duration such as '90s' of at least 15000 ms`,
    ],
    [
      { dispatchDeadline: '31m', leaseTimeout: '1h' },
      `option "dispatchDeadline" expected at most 30 minutes`,
    ],
    [{ requestTimeout: 0 }, `option "requestTimeout"`],
    [{ busyStatus: 200 }, `option "busyStatus" expected a whole number from 400 to 599, got 200`],
    [{ busyStatus: 302 }, `option "busyStatus"`],
    [{ alerts: { console: '/locker' } }, `option "alerts.console" expected an http(s) address`],
    [{ renew: 'yes' }, `option "renew" expected true or false, got 'yes'`],
    [{ verbose: 1 }, `option "verbose"`],
    [{ beginOnRead: 'no' }, `option "beginOnRead"`],
    [{ enabled: 'no' }, `option "enabled"`],
    [{ historyLength: 201 }, `option "historyLength" expected a whole number from 0 to 200`],
    [
      { sweep: { every: '1s' } },
      `option "sweep.every" expected a duration such as '90s' of at least 10000 ms`,
    ],
    [{ sweep: { queue: 'a b' } }, `option "sweep.queue"`],
  ])('%j are refused: %s', (options, message) => {
    expect(() => withOptions(options)).toThrow(
      expect.objectContaining({ code: 'OPTION' }) as Error,
    );
    expect(() => withOptions(options)).toThrow(message);
  });
});
