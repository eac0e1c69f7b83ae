import type { OAuth2Client } from 'google-auth-library';
import type { Clock } from '../system/clock.js';
import { withinTime } from '../system/time-limit.js';

/** By what signatures are checked: PEM by key id. */
export type PemById = Record<string, string>;

/** Nobody can tell whether tokens are genuine. */
export class CertificatesUnavailableError extends Error {
  override readonly name = 'CertificatesUnavailableError';
}

/** How long to wait for the certificates, and how long to leave the issuer alone after a failure, milliseconds. */
const limits = { wait: 5_000, pause: 2_000 };

/**
 * The issuer's certificates. The client keeps them as long as their `Cache-Control` says; here callers that come at
 * once share one request, and a failure is not repeated for each of them.
 */
export class Certificates {
  private pending: Promise<PemById> | undefined;
  private closedUntil = 0;

  /** @param open the client to ask, the same one for as long as its cache is to be used */
  constructor(
    private readonly open: () => Pick<OAuth2Client, 'getFederatedSignonCertsAsync'>,
    private readonly clock: Clock,
  ) {}

  /** @throws CertificatesUnavailableError */
  get(): Promise<PemById> {
    this.pending ??= this.fetch().finally(() => (this.pending = undefined));
    return this.pending;
  }

  private async fetch(): Promise<PemById> {
    if (this.clock.now() < this.closedUntil)
      throw new CertificatesUnavailableError('The certificates could not be had a moment ago.');
    try {
      const asked = this.open().getFederatedSignonCertsAsync();
      const { certs } = await withinTime(this.clock, limits.wait, asked);
      return parse(certs);
    } catch (error) {
      this.closedUntil = this.clock.now() + limits.pause;
      const reason = error instanceof Error ? error.message : String(error);
      throw new CertificatesUnavailableError(
        `The certificates that tokens are checked with cannot be fetched: ${reason}`,
        { cause: error },
      );
    }
  }
}

function parse(certificates: unknown): PemById {
  const entries =
    typeof certificates === 'object' && certificates ? Object.entries(certificates) : [];
  const pems = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (pems.length === 0) throw new TypeError('the answer holds none');
  return Object.fromEntries(pems);
}
