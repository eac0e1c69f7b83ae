import type { LockerModuleOptions, Target } from 'nestjs-datastore-locker';
import { systemClock } from '../../lib/system/clock.js';
import { checkFor } from '../../lib/door/check-for.js';
import { optionsFromEnvironment } from '../../lib/locker.config.js';
import { settingsFrom } from '../../lib/settings/settings.js';
import { describe, expect, it } from 'vitest';

const serviceAccountEmail = 'queue@p.iam.gserviceaccount.com';
const http: Target = { baseUrl: 'https://orders.example' };
const identified: Target = { ...http, oidc: { serviceAccountEmail } };
const appEngine: Target = { appEngine: {} };

type Environment = Record<string, string>;

/** What an application does with its options at start-up, as far as the door is concerned. */
function start(options: Partial<LockerModuleOptions>, environment: Environment = {}) {
  const { guard } = settingsFrom({ target: http, location: 'x', ...options }, 'p');
  checkFor(guard, environment, systemClock);
  return guard;
}

describe('an application does not start', () => {
  it.each<[string, Partial<LockerModuleOptions>, Environment, string[]]>([
    ['without a guard', {}, {}, ['target.oidc', 'serviceAccountEmail', "'none'"]],
    ["with 'oidc' and no account", { guard: 'oidc' }, {}, ['target.oidc']],
    ["with 'cloud-run-iam' and no account", { guard: 'cloud-run-iam' }, {}, ['target.oidc']],
    [
      "with 'cloud-run-iam' elsewhere",
      { guard: 'cloud-run-iam', target: identified },
      {},
      ['K_SERVICE', "'oidc'"],
    ],
    ["with 'appengine' elsewhere", { target: appEngine }, {}, ['GAE_ENV', "'none'"]],
    ["with 'appengine' for an HTTP target", { guard: 'appengine' }, {}, ['guard', 'appEngine']],
    ["with 'oidc' for App Engine", { guard: 'oidc', target: appEngine }, {}, ['guard', 'no token']],
    ["with 'none' on Cloud Run", { guard: 'none' }, { K_SERVICE: 'a' }, ['K_SERVICE', "'oidc'"]],
    ["with 'none' on App Engine", { guard: 'none' }, { GAE_ENV: 'a' }, ['GAE_ENV']],
    ["with 'none' in App Engine's service", { guard: 'none' }, { GAE_SERVICE: 'a' }, ['GAE_SERV']],
    ["with 'none' in production", { guard: 'none' }, { NODE_ENV: 'production' }, ['NODE_ENV']],
    ['with a guard that is none', { guard: 'open' as 'none' }, {}, ['guard', "'oidc'", "'open'"]],
    [
      'with an account that is none',
      { target: { ...http, oidc: { serviceAccountEmail: 'queue' } } },
      {},
      ['target.oidc.serviceAccountEmail', "'queue'"],
    ],
    [
      'with an empty audience',
      { target: { ...http, oidc: { serviceAccountEmail, audience: '' } } },
      {},
      ['target.oidc.audience'],
    ],
    ['with a caller that is none', { target: identified, callers: ['*'] }, {}, ['callers']],
    [
      'with callers that are no list',
      { target: identified, callers: 'a@b' as unknown as string[] },
      {},
      ['callers'],
    ],
    ['with an audience that is none', { target: identified, audiences: [''] }, {}, ['audiences']],
    ['with an issuer that is none', { target: identified, issuer: 'google' }, {}, ['issuer']],
    [
      'with an issuer of its own in production',
      { target: identified, issuer: 'http://127.0.0.1:1' },
      { NODE_ENV: 'production' },
      ['NODE_ENV', 'issuer'],
    ],
    [
      "with the emulator's issuer on Cloud Run",
      { target: identified },
      {
        K_SERVICE: 'a',
        CLOUD_TASKS_EMULATOR_HOST: 'localhost:1',
        CLOUD_TASKS_EMULATOR_ISSUER: 'http://localhost:2',
      },
      ['K_SERVICE', 'CLOUD_TASKS_EMULATOR_ISSUER'],
    ],
  ])('%s', (_, options, environment, named) => {
    let message = '';
    try {
      start(options, environment);
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(/^OptionError: LockerModule: /);
    expect(named.filter((word) => !message.includes(word))).toEqual([]);
  });
});

describe('an application starts', () => {
  it.each<[string, Partial<LockerModuleOptions>, Environment, object]>([
    [
      'with the account of its target',
      { target: identified },
      { K_SERVICE: 'a', NODE_ENV: 'production' },
      { mode: 'oidc', callers: [serviceAccountEmail], audiences: ['https://orders.example'] },
    ],
    [
      'with more accounts and audiences',
      {
        target: { ...http, oidc: { serviceAccountEmail, audience: 'a' } },
        callers: ['scheduler@p.iam.gserviceaccount.com'],
        audiences: ['b'],
      },
      {},
      {
        mode: 'oidc',
        callers: [serviceAccountEmail, 'scheduler@p.iam.gserviceaccount.com'],
        audiences: ['a', 'b'],
      },
    ],
    [
      'on Cloud Run, which checks',
      { target: identified, guard: 'cloud-run-iam' },
      { K_SERVICE: 'a' },
      { mode: 'cloud-run-iam' },
    ],
    ['on App Engine', { target: appEngine }, { GAE_ENV: 'standard' }, { mode: 'appengine' }],
    ['on a developer’s machine', { guard: 'none' }, { NODE_ENV: 'test' }, { mode: 'none' }],
    [
      'behind a gateway',
      { guard: 'none-even-in-production' },
      { K_SERVICE: 'a' },
      { mode: 'none-even-in-production' },
    ],
    [
      'on the emulator, whose tokens count',
      { target: identified },
      {
        CLOUD_TASKS_EMULATOR_HOST: 'localhost:1',
        CLOUD_TASKS_EMULATOR_ISSUER: 'http://localhost:2',
      },
      { mode: 'oidc' },
    ],
  ])('%s', (_, options, environment, guard) => {
    expect(start(options, environment)).toMatchObject(guard);
  });

  it('with the same from variables', () => {
    const options = optionsFromEnvironment({
      LOCKER_BASE_URL: 'https://orders.example',
      LOCKER_LOCATION: 'europe-west1',
      LOCKER_OIDC_SERVICE_ACCOUNT: serviceAccountEmail,
      LOCKER_CALLERS: 'scheduler@p.iam.gserviceaccount.com, deputy@p.iam.gserviceaccount.com',
      LOCKER_AUDIENCES: '',
    });
    expect(start(options)).toEqual({
      mode: 'oidc',
      callers: [
        serviceAccountEmail,
        'scheduler@p.iam.gserviceaccount.com',
        'deputy@p.iam.gserviceaccount.com',
      ],
      audiences: ['https://orders.example'],
      issuer: undefined,
    });
  });
});
