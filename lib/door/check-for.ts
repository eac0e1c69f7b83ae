import { OptionError } from '../locker.errors.js';
import type { GuardSettings } from '../settings/guard-settings.js';
import type { Clock } from '../system/clock.js';
import { admitted, type Check } from './admission.js';
import { appEngineCheck } from './app-engine-check.js';
import { Certificates } from './certificates.js';
import { cloudRunCheck } from './cloud-run-check.js';
import { clientOf } from './issuer.js';
import { OidcCheck } from './oidc-check.js';
import { signOfProduction, type Environment } from './production.js';
import { TokenVerifier } from './token-verifier.js';

/**
 * The check that the option `guard` asks for.
 *
 * @throws OptionError for a mode that would leave a production system open, or that its platform cannot back
 */
export function checkFor(guard: GuardSettings, environment: Environment, clock: Clock): Check {
  switch (guard.mode) {
    case 'oidc':
      return oidc(guard, environment, clock);
    case 'cloud-run-iam':
      if (environment['K_SERVICE']) return cloudRunCheck(guard);
      throw new OptionError(
        `LockerModule: guard 'cloud-run-iam' relies on Cloud Run, which this is not: K_SERVICE is not set, so anybody could write a token without a signature. Use 'oidc'.`,
      );
    case 'appengine':
      if (environment['GAE_ENV'] || environment['GAE_SERVICE']) return appEngineCheck;
      throw new OptionError(
        `LockerModule: guard 'appengine' relies on App Engine, which this is not: neither GAE_ENV nor GAE_SERVICE is set, so anybody could send its headers. On your own machine use guard 'none'.`,
      );
    case 'none':
      refuseInProduction(
        environment,
        `guard 'none' would let anybody run tasks`,
        `Use 'oidc' or 'appengine', or 'none-even-in-production' behind a gateway that checks the caller`,
      );
      return () => admitted;
    case 'none-even-in-production':
      return () => admitted;
  }
}

function oidc(guard: GuardSettings, environment: Environment, clock: Clock): Check {
  const issuer = guard.issuer ?? emulatorsIssuer(environment);
  if (issuer)
    refuseInProduction(
      environment,
      `whoever answers at ${issuer} could sign tokens that let anybody in`,
      'Remove the option issuer, or CLOUD_TASKS_EMULATOR_ISSUER: Google signs the tokens of Cloud Tasks',
    );
  const client = clientOf(issuer);
  // An emulator that was started anew has another key under the same id, so nothing of it is kept.
  const certificates = new Certificates(issuer ? () => clientOf(issuer) : () => client, clock);
  const check = new OidcCheck(new TokenVerifier(client, certificates), guard);
  return (headers) => check.admissionOf(headers);
}

/** Where this package's emulator is named, its tokens are the ones that tasks come with. */
function emulatorsIssuer(environment: Environment): string | undefined {
  return environment['CLOUD_TASKS_EMULATOR_HOST'] && environment['CLOUD_TASKS_EMULATOR_ISSUER'];
}

function refuseInProduction(environment: Environment, danger: string, cure: string): void {
  const sign = signOfProduction(environment);
  if (sign)
    throw new OptionError(
      `LockerModule: ${danger}, and ${sign} says that this is production. ${cure}.`,
    );
}
