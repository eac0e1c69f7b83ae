import { VirtualClock } from 'nestjs-datastore-locker/emulator';
import { describe, expect, it } from 'vitest';
import { refused } from '../../lib/door/admission.js';
import { checkFor } from '../../lib/door/check-for.js';
import { RefusalLog } from '../../lib/door/refusal-log.js';
import type { GuardSettings } from '../../lib/settings/guard-settings.js';
import { systemClock } from '../../lib/system/clock.js';
import { adapters, Application } from '../support/application.js';
import { MemoryLogger } from '../support/memory-logger.js';

const email = 'queue@p.iam.gserviceaccount.com';
const aud = 'https://orders.example';
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (claims: unknown, signature = 'SIGNATURE_REMOVED_BY_GOOGLE') =>
  `Bearer ${encoded({ alg: 'RS256' })}.${encoded(claims)}.${signature}`;
const right = { email, email_verified: true, aud };
const guard = (mode: GuardSettings['mode']): GuardSettings => ({
  mode,
  callers: [email],
  audiences: [aud],
  issuer: undefined,
});

describe('the word of Cloud Run', () => {
  const check = checkFor(guard('cloud-run-iam'), { K_SERVICE: 'orders' }, systemClock);

  it.each([
    ['an invited account', { authorization: token(right) }, 'admitted'],
    ['it in the other header', { 'x-serverless-authorization': token(right) }, 'admitted'],
    ['no token', {}, 401],
    ['a token that Cloud Run has not checked', { authorization: token(right, 'c2ln') }, 401],
    ['a token that is no JSON', { authorization: 'Bearer a.b.SIGNATURE_REMOVED_BY_GOOGLE' }, 401],
    ['claims that are none', { authorization: token(null) }, 401],
    ['another account', { authorization: token({ ...right, email: 'x@y.z' }) }, 403],
    ['an unverified address', { authorization: token({ ...right, email_verified: false }) }, 403],
    ['another audience', { authorization: token({ ...right, aud: 'https://a' }) }, 401],
    [
      'claims made up beside a token of another account, which is the one that was checked',
      {
        authorization: token(right),
        'x-serverless-authorization': token({ ...right, email: 'x@y.z' }),
      },
      403,
    ],
    [
      'claims made up beside a header that holds no token',
      { authorization: token(right), 'x-serverless-authorization': '' },
      401,
    ],
  ])('decides on %s', async (_, headers, expected) => {
    const admission = await check(headers);
    expect('status' in admission ? admission.status : admission.verdict).toBe(expected);
  });
});

describe('the word of App Engine', () => {
  const check = checkFor(guard('appengine'), { GAE_ENV: 'standard' }, systemClock);

  it.each([
    ['a queue of App Engine', { 'x-appengine-queuename': 'default' }, 'admitted'],
    ['nobody', {}, 403],
    ['an empty header', { 'x-appengine-queuename': '' }, 403],
    ['Cloud Tasks for HTTP targets', { 'x-cloudtasks-queuename': 'default' }, 403],
  ])('decides on %s', async (_, headers, expected) => {
    const admission = await check(headers);
    expect('status' in admission ? admission.status : admission.verdict).toBe(expected);
  });
});

describe('refusals in the log', () => {
  it('are told at once, and then once a minute with their number', async () => {
    const clock = new VirtualClock();
    const logger = new MemoryLogger();
    const refusals = new RefusalLog(logger, clock);
    const strange = refused(401, 'it shows no token');
    for (let i = 0; i < 1_000; i++) refusals.note(strange, 'Orders.charge');
    refusals.note(refused(401, 'its audience is wrong', true), 'Orders.charge');
    expect(logger.lines.map(({ level, fields }) => [level, fields])).toEqual([
      ['warn', { route: 'Orders.charge', status: 401, reason: 'it shows no token', count: 1 }],
      ['error', { route: 'Orders.charge', status: 401, reason: 'its audience is wrong', count: 1 }],
    ]);
    refusals.note(refused(403, 'it is somebody else'), 'SweepController.sweep');
    await clock.advance(60_000);
    expect(logger.lines.slice(2)).toMatchObject([
      { level: 'warn', fields: { count: 1_000, reason: 'it is somebody else', status: 403 } },
    ]);
    await clock.advance(120_000);
    expect(logger.lines).toHaveLength(3);
    refusals.note(strange, 'Orders.charge');
    expect(logger.lines.at(-1)).toMatchObject({ fields: { count: 1 } });
  });
});

describe.each(adapters)('a closed door on %s', (adapter) => {
  it.each([
    ['for lack of certificates', { oidc: true, options: {} }],
    ['while the application stands by', { oidc: false, options: { enabled: false } }],
  ])('asks the queue to wait %s', async (_, { oidc, options }) => {
    const application = await Application.ofJobs({
      adapter,
      ...(oidc && { oidc: { serviceAccountEmail: email, audience: aud } }),
      // Nobody listens there.
      options: { ...options, ...(oidc && { issuer: 'http://127.0.0.1:1' }) },
    });
    const { key, run } = await application.startHeld();
    const wire = application.listen();
    const authorization = token(right, 'c2ln');
    const answer = await application.deliver({
      key,
      run,
      step: 1,
      task: 'one',
      headers: { authorization },
    });
    wire.close();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(wire.methods).toEqual([]);
    expect(JSON.stringify(application.logger.lines)).not.toContain(authorization.slice(7));
    await application.stop();
  });
});
