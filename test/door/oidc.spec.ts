import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../../lib/door/admission.js';
import { Certificates } from '../../lib/door/certificates.js';
import { checkFor } from '../../lib/door/check-for.js';
import { clientOf } from '../../lib/door/issuer.js';
import { VirtualClock } from 'nestjs-datastore-locker/emulator';
import { adapters, Application } from '../support/application.js';
import { Job } from '../support/jobs.js';
import { TokenIssuer } from './token-issuer.js';

const account = 'tasks@test-project.iam.gserviceaccount.com';
const audience = 'https://orders.example';

describe('the check of tokens', () => {
  let issuer: TokenIssuer;
  let clock: VirtualClock;
  let check: Check;

  beforeAll(async () => {
    issuer = await TokenIssuer.start();
  });
  beforeEach(() => {
    clock = new VirtualClock();
    issuer.asked = 0;
    const guard = { mode: 'oidc', callers: [account], audiences: [audience] } as const;
    check = checkFor({ ...guard, issuer: issuer.url }, {}, clock);
  });
  afterEach(() => {
    issuer.behaviour = 'up';
  });
  afterAll(() => issuer.stop());

  const admission = async (token: string) => check({ authorization: `Bearer ${token}` });

  it('lets in the account of the queue', async () => {
    expect(await admission(issuer.token(account, audience))).toEqual({ verdict: 'admitted' });
  });

  it.each(['down', 'nonsense'] as const)(
    'closes to everybody while the certificates are %s, and opens again by itself',
    async (behaviour) => {
      issuer.behaviour = behaviour;
      const closed = { verdict: 'refused', status: 503, isOurs: true };
      expect(await admission(issuer.token(account, audience))).toMatchObject(closed);
      issuer.behaviour = 'up';
      expect(await admission(issuer.token(account, audience))).toMatchObject(closed);
      await clock.advance(2_000);
      expect(await admission(issuer.token(account, audience))).toEqual({ verdict: 'admitted' });
    },
  );

  it('closes when the certificates do not come in time', async () => {
    issuer.behaviour = 'silent';
    const asked = admission(issuer.token(account, audience));
    while (issuer.asked === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(5_000);
    expect(await asked).toMatchObject({ verdict: 'refused', status: 503 });
  });

  it('asks for the certificates once, however many come at once, and not again for each after a failure', async () => {
    const token = issuer.token(account, audience);
    await Promise.all(Array.from({ length: 20 }, () => admission(token)));
    expect(issuer.asked).toBe(1);
    issuer.behaviour = 'down';
    await admission(token);
    const afterFailure = issuer.asked;
    for (let i = 0; i < 20; i++) await admission(token);
    expect(issuer.asked).toBe(afterFailure);
  });

  it('keeps the certificates of Google as long as their answer says', async () => {
    const client = clientOf(issuer.url);
    const certificates = new Certificates(() => client, clock);
    await certificates.get();
    issuer.behaviour = 'down';
    await clock.advance(60_000);
    expect(Object.keys(await certificates.get())).toEqual(['known']);
    expect(issuer.asked).toBe(1);
  });

  it('trusts the issuer that goes with an emulator of Cloud Tasks', async () => {
    const guard = { mode: 'oidc', callers: [account], audiences: [audience] } as const;
    const environment = {
      CLOUD_TASKS_EMULATOR_HOST: '127.0.0.1:1',
      CLOUD_TASKS_EMULATOR_ISSUER: issuer.url,
    };
    const local = checkFor({ ...guard, issuer: undefined }, environment, clock);
    const authorization = `Bearer ${issuer.token(account, audience)}`;
    expect(await local({ authorization })).toEqual({ verdict: 'admitted' });
  });

  it('asks nobody about what is no token', async () => {
    for (const authorization of [
      undefined,
      '',
      'Bearer',
      'Bearer a.b',
      'Basic YTpi',
      'Bearer a.b.c.d',
    ])
      expect(await check({ authorization })).toMatchObject({ status: 401 });
    expect(issuer.asked).toBe(0);
  });

  it('tells our own queue with another audience from a stranger', async () => {
    const ours = await admission(issuer.token(account, 'https://old.example'));
    expect(ours).toMatchObject({ status: 401, isOurs: true });
    expect(JSON.stringify(ours)).toContain('target.oidc.audience');
    expect(await admission(issuer.token('x@y.z', 'https://old.example'))).toMatchObject({
      status: 403,
      isOurs: false,
    });
  });

  it('names the cure where Cloud Run has taken the signature off', async () => {
    const signature = 'SIGNATURE_REMOVED_BY_GOOGLE';
    const answer = await admission(issuer.token(account, audience, { signature }));
    expect(answer).toMatchObject({ status: 401 });
    expect(JSON.stringify(answer)).toContain("'cloud-run-iam'");
  });

  it('never says anything of a token that is not proven', async () => {
    const secret = 'secret-claim';
    const bad = [
      issuer.token(account, audience, { signature: 'c2lnbmF0dXJl', claims: { secret } }),
      issuer.token(account, audience, { header: { kid: secret } }),
      issuer.token(account, audience, { claims: { iss: secret } }),
      issuer.token(account, audience, { claims: { exp: 1, secret } }),
      `${secret}.${secret}.${secret}`,
    ];
    for (const token of bad) {
      const answer = await admission(token);
      expect(answer).toMatchObject({ verdict: 'refused', status: 401 });
      expect(JSON.stringify(answer)).not.toContain(secret);
      expect(JSON.stringify(answer)).not.toContain(token.split('.')[1]);
    }
  });
});

describe.each(adapters)('a chain behind the door on %s', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.ofJobs({
      adapter,
      oidc: { serviceAccountEmail: account, audience },
    });
  });
  afterAll(() => application.stop());

  it('runs to its end: its tasks carry the token that is asked for', async () => {
    const key = application.job((_, lease) => lease.step < 3 && lease.next());
    await application.locker.schedule(key, new Job(), 'one');
    const [task] = await application.tasks();
    expect(task?.httpRequest?.oidcToken).toEqual({ serviceAccountEmail: account, audience });
    await application.emulator.drain();
    expect((await application.lock(key)).state).toBe('completed');
    expect(application.script.summary(key)).toEqual(['one 1/1', 'one 2/1', 'one 3/1']);
  });

  it('does not run for anybody else', async () => {
    const { key, run } = await application.startHeld();
    const before = await application.proto(key);
    const wire = application.listen();
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    wire.close();
    expect(answer).toMatchObject({ status: 401, body: { message: 'Unauthorized' } });
    expect(wire.methods).toEqual([]);
    expect(await application.proto(key)).toEqual(before);
    await application.reset();
  });
});
