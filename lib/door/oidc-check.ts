import type { Headers } from '../tasks/task-request.js';
import { refused, type Admission } from './admission.js';
import { bearerToken, isCheckedByCloudRun } from './bearer-token.js';
import { CertificatesUnavailableError } from './certificates.js';
import { admissionOf, type Invited } from './claims.js';
import type { TokenVerifier } from './token-verifier.js';

/** Lets in who shows a token that Google signed for an invited account. */
export class OidcCheck {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly invited: Invited,
  ) {}

  async admissionOf(headers: Headers): Promise<Admission> {
    const token = bearerToken(headers, 'authorization');
    if (token === undefined) return refused(401, 'it shows no token');
    if (isCheckedByCloudRun(token))
      return refused(
        401,
        `Cloud Run has taken the signature off its token, because the service requires authentication; if it really does, set guard to 'cloud-run-iam'`,
      );
    try {
      const verified = await this.verifier.verify(token);
      if ('flaw' in verified) return refused(401, verified.flaw);
      return admissionOf(verified.claims, this.invited);
    } catch (error) {
      if (error instanceof CertificatesUnavailableError) return refused(503, error.message, true);
      throw error;
    }
  }
}
