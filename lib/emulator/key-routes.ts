import type { OidcIssuer } from './tasks/oidc-issuer.js';
import type { Route } from './http-server.js';

/** How long verifiers may keep the keys, in seconds. */
const MAX_AGE_SECONDS = 3600;

/**
 * The paths under which an issuer's public key is published: as Google does, so that `OAuth2Client` of
 * google-auth-library needs no more than other addresses in its `endpoints` and `issuers`.
 */
export function keyRoutes(issuer: OidcIssuer): Route[] {
  const cached = { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}` };
  return [
    {
      method: 'GET',
      path: '/.well-known/openid-configuration',
      answer: () => ({
        body: {
          issuer: issuer.url,
          jwks_uri: `${issuer.url}/oauth2/v3/certs`,
          id_token_signing_alg_values_supported: ['RS256'],
        },
      }),
    },
    {
      method: 'GET',
      path: '/oauth2/v3/certs',
      answer: async () => ({ body: await issuer.jwks(), headers: cached }),
    },
    {
      method: 'GET',
      path: '/oauth2/v1/certs',
      answer: async () => ({ body: await issuer.certificates(), headers: cached }),
    },
  ];
}
