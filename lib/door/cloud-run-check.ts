import type { Headers } from '../tasks/task-request.js';
import { refused, type Admission } from './admission.js';
import { bearerToken, isCheckedByCloudRun } from './bearer-token.js';
import { admissionOf, type Invited } from './claims.js';

/**
 * Lets in whom Cloud Run has let in, if it is an invited account. Cloud Run checks `X-Serverless-Authorization` where
 * that is sent, and then never looks at `Authorization`, so that neither do we:
 * https://cloud.google.com/run/docs/authenticating/service-to-service
 */
export function cloudRunCheck(invited: Invited): (headers: Headers) => Admission {
  return (headers) => {
    const name =
      'x-serverless-authorization' in headers ? 'x-serverless-authorization' : 'authorization';
    const token = bearerToken(headers, name);
    if (token === undefined) return refused(401, 'it shows no token');
    if (!isCheckedByCloudRun(token))
      return refused(
        401,
        `Cloud Run has not checked its token; have the service require authentication, or set guard to 'oidc'`,
      );
    const claims = claimsOf(token);
    if (!claims) return refused(401, 'its token is malformed');
    // Cloud Run lets in every account with the role run.invoker; not all of them deliver tasks.
    return admissionOf(claims, invited);
  };
}

function claimsOf(token: string): object | undefined {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    );
    return typeof claims === 'object' && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
