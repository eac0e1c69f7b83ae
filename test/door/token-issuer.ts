import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';

/** How the server that publishes the certificates behaves. */
export type Behaviour = 'up' | 'down' | 'silent' | 'nonsense';

/** The changes to a token that is right in everything. */
export interface TokenChanges {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  /** What signs it; undefined: the issuer. */
  readonly key?: KeyObject;
  readonly signature?: string;
}

/** Signs whatever a test wants signed, and publishes its certificates as Google does. */
export class TokenIssuer {
  static async start(): Promise<TokenIssuer> {
    const issuer = new TokenIssuer();
    await new Promise<void>((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  behaviour: Behaviour = 'up';
  /** How often the certificates were asked for. */
  asked = 0;
  private readonly keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly server: Server = createServer((_, response) => {
    this.asked++;
    if (this.behaviour === 'silent') return;
    const pem = this.publicKey.export({ format: 'pem', type: 'spki' });
    response.writeHead(this.behaviour === 'down' ? 404 : 200, {
      'content-type': 'application/json',
      'cache-control': 'public, max-age=3600',
    });
    response.end(this.behaviour === 'nonsense' ? '<html>' : JSON.stringify({ known: pem }));
  });

  get url(): string {
    const address = this.server.address();
    if (typeof address !== 'object' || !address) throw new Error('The issuer is not started.');
    return `http://127.0.0.1:${address.port}`;
  }

  get publicKey(): KeyObject {
    return createPublicKey(this.keys.privateKey);
  }

  /** A token for an account and an audience. */
  token(email: string, audience: string, changes: TokenChanges = {}): string {
    const now = Math.floor(Date.now() / 1_000);
    const header = { alg: 'RS256', kid: 'known', typ: 'JWT', ...changes.header };
    const claims = {
      iss: this.url,
      aud: audience,
      sub: '1',
      email,
      email_verified: true,
      iat: now,
      exp: now + 3_600,
      ...changes.claims,
    };
    const content = `${encoded(header)}.${encoded(claims)}`;
    const key = changes.key ?? this.keys.privateKey;
    const signature =
      changes.signature ?? sign('RSA-SHA256', Buffer.from(content), key).toString('base64url');
    return `${content}.${signature}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
