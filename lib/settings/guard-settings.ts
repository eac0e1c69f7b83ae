import { guardModes, type GuardMode, type LockerModuleOptions } from '../locker.options.js';
import { OptionError } from '../locker.errors.js';
import type { Target } from '../tasks/target.js';
import { allMatching, matching, oneOf, reject } from './expect.js';

/** Who may deliver tasks, and how they prove it. */
export interface GuardSettings {
  readonly mode: GuardMode;
  /** The service accounts that may. */
  readonly callers: readonly string[];
  /** What their tokens may be made out to. */
  readonly audiences: readonly string[];
  /** Who signs tokens instead of Google, outside production. */
  readonly issuer: string | undefined;
}

const email = /^[^@\s,]+@[^@\s,]+$/;
const audience = /^\S+$/;

/**
 * The guard that fits a target, unless the options name one: App Engine's own headers, or OpenID Connect tokens of the
 * account that the target names.
 *
 * @throws OptionError where there is none, or it does not fit
 */
export function guardFrom(options: LockerModuleOptions, target: Target): GuardSettings {
  const { guard } = options;
  const mode = guard === undefined ? undefined : oneOf('guard', guard, guardModes);
  const shared = {
    callers: allMatching('callers', options.callers ?? [], email, 'e-mail addresses of accounts'),
    audiences: allMatching(
      'audiences',
      options.audiences ?? [],
      audience,
      'URLs or other audiences',
    ),
    issuer: options.issuer && issuer(options.issuer),
  };
  if ('appEngine' in target) {
    if (mode === 'oidc' || mode === 'cloud-run-iam')
      reject('guard', `'appengine' with target { appEngine }, whose tasks carry no token`, mode);
    return { mode: mode ?? 'appengine', ...shared };
  }
  if (mode === 'appengine') reject('guard', `'appengine' only with target { appEngine: {} }`, mode);
  const { oidc } = target;
  if (!oidc && (mode === undefined || mode === 'oidc' || mode === 'cloud-run-iam'))
    throw new OptionError(
      `LockerModule: nothing tells who may deliver tasks. Set target.oidc to { serviceAccountEmail }, the account that Cloud Tasks is to act as, and its token is required (guard 'oidc'); on your own machine set guard to 'none'.`,
    );
  return {
    mode: mode ?? 'oidc',
    ...shared,
    callers: [...(oidc ? [oidc.serviceAccountEmail] : []), ...shared.callers],
    audiences: [...(oidc ? [oidc.audience ?? target.baseUrl] : []), ...shared.audiences],
  };
}

/** An HTTP target's identity, with what its tokens are made out to said in full. */
export function identified(target: Target): Target {
  if ('appEngine' in target || !target.oidc) return target;
  const { serviceAccountEmail, audience: madeOutTo = target.baseUrl } = target.oidc;
  return {
    ...target,
    oidc: {
      serviceAccountEmail: matching(
        'target.oidc.serviceAccountEmail',
        serviceAccountEmail,
        email,
        `a service account's e-mail address`,
      ),
      audience: matching(
        'target.oidc.audience',
        madeOutTo,
        audience,
        'what tokens are made out to, such as the base URL',
      ),
    },
  };
}

function issuer(given: string): string {
  const isUrl = URL.canParse(given) && /^https?:$/.test(new URL(given).protocol);
  return isUrl ? given : reject('issuer', `the emulator's controlUrl`, given);
}
