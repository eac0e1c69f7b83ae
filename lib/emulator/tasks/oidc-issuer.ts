import { createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../../system/clock.js';

/** Makes the tokens that targets are shown. */
export interface IdTokens {
  /** A signed OpenID Connect token that says who calls whom. */
  issue(email: string, audience: string): Promise<string>;
}

/** How long a token is valid, as with Google's. */
const LIFETIME_SECONDS = 3600;

interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * An issuer of OpenID Connect tokens with a key of its own, made when it is first needed. Times are those of the
 * clock it is given: the machine's, since that is what verifiers go by.
 */
export class OidcIssuer implements IdTokens {
  private key: Promise<SigningKey> | undefined;

  constructor(
    /** The claim `iss`: the address under which the keys are published. */
    readonly url: string,
    private readonly clock: Clock,
  ) {}

  async issue(email: string, audience: string): Promise<string> {
    const { id, privateKey } = await this.signingKey();
    const iat = Math.floor(this.clock.now() / 1000);
    const header = { alg: 'RS256', kid: id, typ: 'JWT' };
    const claims = {
      aud: audience,
      azp: email,
      email,
      email_verified: true,
      exp: iat + LIFETIME_SECONDS,
      iat,
      iss: this.url,
      sub: email,
    };
    const content = `${base64url(header)}.${base64url(claims)}`;
    const signature = sign('RSA-SHA256', Buffer.from(content), privateKey);
    return `${content}.${signature.toString('base64url')}`;
  }

  /** The public key as a JSON Web Key Set, as at https://www.googleapis.com/oauth2/v3/certs */
  async jwks(): Promise<object> {
    const { id, publicKey } = await this.signingKey();
    const key = publicKey.export({ format: 'jwk' });
    return { keys: [{ ...key, kid: id, use: 'sig', alg: 'RS256' }] };
  }

  /** The public key as PEM by id, in the shape of https://www.googleapis.com/oauth2/v1/certs */
  async certificates(): Promise<Record<string, string>> {
    const { id, publicKey } = await this.signingKey();
    return { [id]: publicKey.export({ format: 'pem', type: 'spki' }).toString() };
  }

  private signingKey(): Promise<SigningKey> {
    this.key ??= makeKey();
    return this.key;
  }
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { id: 'emulator', privateKey, publicKey: createPublicKey(privateKey) };
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
