import { admitted, refused, type Admission } from './admission.js';

/** Who may deliver tasks, and what their tokens are made out to. */
export interface Invited {
  /** E-mail addresses of service accounts. */
  readonly callers: readonly string[];
  readonly audiences: readonly string[];
}

/**
 * Decides about what a verified token claims. Anybody with a Google account can have a verified token made out to any
 * audience, so the account is what counts; the audience keeps tokens that another server was shown from being used here.
 */
export function admissionOf(claims: object, { callers, audiences }: Invited): Admission {
  const {
    email,
    email_verified: isVerified,
    aud,
  }: Partial<Record<string, unknown>> = { ...claims };
  if (typeof email !== 'string' || !callers.includes(email))
    return refused(
      403,
      `its account ${shown(email)} is neither that of target.oidc nor in the option callers`,
    );
  if (isVerified !== true)
    return refused(403, `the e-mail address of its account ${shown(email)} is not verified`);
  if (typeof aud !== 'string' || !audiences.includes(aud))
    return refused(
      401,
      `its account ${shown(email)} is right, but its token is made out to ${shown(aud)} instead of ${audiences.map(shown).join(' or ')}; set target.oidc.audience, or name the other in the option audiences`,
      true,
    );
  return admitted;
}

/** A claim as the log may hold it. */
function shown(claim: unknown): string {
  return typeof claim === 'string' ? JSON.stringify(claim.slice(0, 200)) : `(${typeof claim})`;
}
