import { describe, expect, it } from 'vitest';
import { optionsFromEnvironment } from '../../lib/locker.config.js';
import { settingsFrom } from '../../lib/settings/settings.js';

const least = { LOCKER_BASE_URL: 'https://orders.example.com', LOCKER_LOCATION: 'europe-west1' };
const read = (environment: Record<string, string>) =>
  optionsFromEnvironment({ ...least, ...environment });

describe('environment variables', () => {
  it.each<[string, string, object]>([
    ['LOCKER_BASE_URL', 'https://b', { target: { baseUrl: 'https://b' } }],
    ['LOCKER_APP_ENGINE_SERVICE', 'orders', { target: { appEngine: { service: 'orders' } } }],
    ['LOCKER_GUARD', 'none', { guard: 'none' }],
    ['LOCKER_LOCATION', 'us-central1', { location: 'us-central1' }],
    ['LOCKER_PROJECT_ID', 'p', { projectId: 'p' }],
    ['LOCKER_DATABASE_ID', 'd', { databaseId: 'd' }],
    ['LOCKER_NAMESPACES', ', a,b', { namespaces: ['', 'a', 'b'] }],
    ['LOCKER_NAMESPACES', '', { namespaces: [''] }],
    ['LOCKER_DEFAULT_QUEUE', 'q', { defaultQueue: 'q' }],
    ['LOCKER_LEASE_DURATION', '2m', { leaseDuration: '2m' }],
    ['LOCKER_LEASE_TIMEOUT', '20m', { leaseTimeout: '20m' }],
    ['LOCKER_RENEW', 'false', { renew: false }],
    ['LOCKER_MAX_RETRIES', '0', { maxRetries: 0 }],
    ['LOCKER_MAX_POSTPONES', '5', { maxPostpones: 5 }],
    ['LOCKER_ON_LOST', 'fail', { onLost: 'fail' }],
    ['LOCKER_BACKOFF_MIN', '1s', { backoff: { min: '1s' } }],
    ['LOCKER_BACKOFF_MAX', '1h', { backoff: { max: '1h' } }],
    ['LOCKER_DISPATCH_DEADLINE', '1m', { dispatchDeadline: '1m' }],
    ['LOCKER_REQUEST_TIMEOUT', '1m', { requestTimeout: '1m' }],
    ['LOCKER_BUSY_STATUS', '503', { busyStatus: 503 }],
    ['LOCKER_ALERTS_CONSOLE', 'https://a.b/c', { alerts: { console: 'https://a.b/c' } }],
    ['LOCKER_ALIASES', 'old=new, older=new', { aliases: { old: 'new', older: 'new' } }],
    ['LOCKER_ALIASES', '', { aliases: undefined }],
    ['LOCKER_SWEEP', 'false', { sweep: false }],
    ['LOCKER_SWEEP_EVERY', '5m', { sweep: { every: '5m' } }],
    ['LOCKER_SWEEP_QUEUE', 'sweeps', { sweep: { queue: 'sweeps' } }],
    ['LOCKER_ENABLED', 'false', { enabled: false }],
    ['LOCKER_HISTORY_LENGTH', '0', { historyLength: 0 }],
    ['LOCKER_VERBOSE', 'true', { verbose: true }],
    ['LOCKER_BEGIN_ON_READ', 'false', { beginOnRead: false }],
    ['LOCKER_MAX_RETRIES', '', { maxRetries: undefined }],
    ['LOCKER_RENEW', '', { renew: undefined }],
  ])('%s=%s', (name, value, options) => {
    expect(read({ [name]: value })).toMatchObject(options);
  });

  it('say who calls, and to whom', () => {
    const LOCKER_OIDC_SERVICE_ACCOUNT = 'tasks@p.iam.gserviceaccount.com';
    const serviceAccountEmail = LOCKER_OIDC_SERVICE_ACCOUNT;
    expect(read({ LOCKER_OIDC_SERVICE_ACCOUNT }).target).toEqual({
      baseUrl: 'https://orders.example.com',
      oidc: { serviceAccountEmail },
    });
    expect(read({ LOCKER_OIDC_SERVICE_ACCOUNT, LOCKER_OIDC_AUDIENCE: 'a' }).target).toMatchObject({
      oidc: { serviceAccountEmail, audience: 'a' },
    });
    const appEngine = { LOCKER_APP_ENGINE_SERVICE: 's', LOCKER_APP_ENGINE_VERSION: 'v' };
    expect(read(appEngine).target).toEqual({ appEngine: { service: 's', version: 'v' } });
  });

  it('give the defaults where they are not set', () => {
    const options = read({ LOCKER_GUARD: 'none' });
    const said = { target: options.target, guard: 'none', location: options.location } as const;
    expect(settingsFrom(options, 'p')).toEqual(settingsFrom(said, 'p'));
  });

  it.each([
    ['LOCKER_BASE_URL', '', 'expected the address of this application'],
    [
      'LOCKER_LOCATION',
      '',
      'expected the location of the queues, such as europe-west1, got nothing',
    ],
    ['LOCKER_GUARD', 'open', 'got "open"'],
    ['LOCKER_MAX_RETRIES', 'ten', 'expected a whole number, got "ten"'],
    ['LOCKER_MAX_RETRIES', '-1', 'expected a whole number, got "-1"'],
    ['LOCKER_BUSY_STATUS', '4e2', 'expected a whole number, got "4e2"'],
    ['LOCKER_RENEW', 'yes', 'expected true or false, got "yes"'],
    ['LOCKER_ON_LOST', 'x', 'expected retry or fail, got "x"'],
    ['LOCKER_ALIASES', 'old', 'expected pairs such as old=new, got "old"'],
    ['LOCKER_ALIASES', 'a=b=c', 'expected pairs such as old=new'],
  ])('%s=%s is refused: %s', (name, value, message) => {
    const attempt = () => read({ [name]: value });
    expect(attempt).toThrow(`Environment variable ${name} expected`);
    expect(attempt).toThrow(message);
  });
});
