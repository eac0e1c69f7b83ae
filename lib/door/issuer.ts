import { OAuth2Client } from 'google-auth-library';

/**
 * The client that knows an issuer's certificates: Google's own, or those of the emulator at `issuer`, which publishes
 * them under the same paths.
 */
export function clientOf(issuer: string | undefined): OAuth2Client {
  if (!issuer) return new OAuth2Client();
  return new OAuth2Client({
    issuers: [issuer],
    endpoints: {
      oauth2FederatedSignonPemCertsUrl: `${issuer}/oauth2/v1/certs`,
      oauth2FederatedSignonJwkCertsUrl: `${issuer}/oauth2/v3/certs`,
    },
  });
}
