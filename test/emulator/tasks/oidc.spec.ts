import { createRequire } from 'node:module';
import { type Emulator, startEmulator } from 'nestjs-datastore-locker/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUEUE } from './scripted-target.js';

interface Verifier {
  verifyIdToken(options: { idToken: string; audience: string }): Promise<{
    getPayload(): object | undefined;
  }>;
}

/** google-auth-library, as it is installed with Google's clients. */
const { OAuth2Client } = createRequire(import.meta.url)('google-auth-library') as {
  OAuth2Client: new (options: object) => Verifier;
};

describe('the token that a target is shown', () => {
  const tokens: string[] = [];
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator({
      send: (request) => {
        const shown = Object.entries(request.headers).filter(([name]) =>
          /^authorization$/i.test(name),
        );
        tokens.push(shown.map(([, value]) => value.replace('Bearer ', '')).join(' and '));
        return Promise.resolve({ status: 200 });
      },
    });
  });

  afterAll(() => emulator.stop());

  async function tokenFor(oidcToken: object, headers = {}): Promise<string> {
    const seen = new Promise<void>((resolve) => {
      const end = emulator.tap(({ type }) => {
        if (type !== 'dispatch') return;
        end();
        resolve();
      });
    });
    const httpRequest = { url: 'https://app.example/tasks', oidcToken, headers };
    await emulator.tasks.createTask({ parent: QUEUE, task: { httpRequest } });
    await seen;
    return tokens.at(-1) ?? '';
  }

  function verifier(issuer = emulator.controlUrl): Verifier {
    return new OAuth2Client({
      issuers: [issuer],
      endpoints: {
        oauth2FederatedSignonPemCertsUrl: `${emulator.controlUrl}/oauth2/v1/certs`,
        oauth2FederatedSignonJwkCertsUrl: `${emulator.controlUrl}/oauth2/v3/certs`,
      },
    });
  }

  it('is accepted by google-auth-library, with account and audience of the task', async () => {
    const idToken = await tokenFor({ serviceAccountEmail: 'a@p.iam', audience: 'me' });
    const ticket = await verifier().verifyIdToken({ idToken, audience: 'me' });
    expect(ticket.getPayload()).toMatchObject({
      iss: emulator.controlUrl,
      aud: 'me',
      email: 'a@p.iam',
      email_verified: true,
    });
  });

  it('is for the URL of the task if it names no audience', async () => {
    const idToken = await tokenFor({ serviceAccountEmail: 'a@p.iam' });
    const audience = 'https://app.example/tasks';
    await expect(verifier().verifyIdToken({ idToken, audience })).resolves.toBeDefined();
    await expect(verifier().verifyIdToken({ idToken, audience: 'other' })).rejects.toThrow(
      'Wrong recipient',
    );
  });

  it('replaces an Authorization header of the task', async () => {
    const shown = await tokenFor({ serviceAccountEmail: 'a@p.iam' }, { authorization: 'Basic x' });
    expect(shown).toMatch(/^ey[^ ]+$/);
  });

  it('has a key that is published as a key set as well', async () => {
    const discovery = await fetch(`${emulator.controlUrl}/.well-known/openid-configuration`);
    const { jwks_uri: uri } = (await discovery.json()) as { jwks_uri: string };
    const response = await fetch(uri);
    expect(response.headers.get('cache-control')).toContain('max-age');
    expect(await response.json()).toMatchObject({ keys: [{ kty: 'RSA', alg: 'RS256' }] });
  });
});
