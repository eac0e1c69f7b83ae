import type { OAuth2Client } from 'google-auth-library';
import type { Certificates } from './certificates.js';

/** What a token claims, once that is proven; or what is wrong with the token. */
export type Verified = { readonly claims: object } | { readonly flaw: string };

/** How the library's errors begin, and what we say instead: the rest of its text can hold the whole token. */
const flaws: readonly (readonly [beginning: string, flaw: string])[] = [
  ['Token used too late', 'its token has expired'],
  ['Token used too early', 'its token is not valid yet; look at the clocks'],
  ['Expiration time too far', 'its token is valid for too long'],
  ['Invalid token signature', 'the signature of its token is wrong'],
  ['No pem found', 'its token is signed with a key that the issuer does not have'],
  ['Invalid issuer', 'its token is of another issuer'],
];

/** Proves that tokens are genuine: signature, issuer and time. Whom they are of and for, `admissionOf` decides. */
export class TokenVerifier {
  constructor(
    private readonly client: OAuth2Client,
    private readonly certificates: Certificates,
  ) {}

  /** @throws CertificatesUnavailableError where nobody can tell */
  async verify(token: string): Promise<Verified> {
    const certificates = await this.certificates.get();
    try {
      // The audience is left to `admissionOf`, which can tell a mistaken configuration from a stranger.
      const ticket = await this.client.verifySignedJwtWithCertsAsync(
        token,
        certificates,
        undefined,
        this.client.issuers,
      );
      const claims = ticket.getPayload();
      return claims ? { claims } : { flaw: 'its token is empty' };
    } catch (error) {
      const text = error instanceof Error ? error.message : '';
      const known = flaws.find(([beginning]) => text.startsWith(beginning));
      return { flaw: known?.[1] ?? 'its token is malformed' };
    }
  }
}
