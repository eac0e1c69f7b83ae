import { Logger } from '@nestjs/common';
import type { Alert, Alerter } from '../alert/alert.js';
import { OptionError } from '../locker.errors.js';
import { RecentIds } from '../system/recent-ids.js';
import { systemClock, type Clock } from '../system/clock.js';
import { Digest } from './digest.js';
import type { MailSender } from './mail-sender.js';
import { plainText, subjectOf, type MailText } from './mail-text.js';
import { openTransport } from './transport.js';

/** To whom alerts are mailed, and how they look. */
export interface MailAlertOptions {
  /** One address or several. */
  readonly to: string | readonly string[];
  readonly from: string;
  /** What subjects begin with. Default: `'[locker]'`. */
  readonly subjectPrefix?: string;
  /** Writes the mail about some alerts of one type and kind. Default: plain text. */
  readonly template?: (alerts: readonly Alert[]) => MailText | Promise<MailText>;
}

/** There is at most one mail a minute for each subject. */
const pause = 60_000;

/**
 * Sends alerts as mails: the first of a subject at once, what comes within the next minute together in one mail, with
 * their number. A subject is a type of alert and a kind of entities.
 *
 * @example
 * ```ts
 * LockerModule.forRootAsync({
 *   inject: [MailerService], // of @nestjs-modules/mailer; the application imports its MailerModule
 *   useFactory: (mailer: MailerService) => ({
 *     ...options,
 *     alerter: new MailAlerter(mailer, { to: 'ops@example.com', from: 'orders@example.com' }),
 *   }),
 * })
 * ```
 */
export class MailAlerter implements Alerter {
  /**
   * Sends by a transport of its own, with the options of nodemailer or an address such as `smtps://user:password@host`.
   *
   * @throws OptionError if an address is missing, or nodemailer is not installed
   */
  static over(transport: string | object, options: MailAlertOptions): MailAlerter {
    return new MailAlerter(openTransport(transport), options);
  }

  private readonly logger = new Logger(MailAlerter.name);
  private readonly digests = new Map<string, Digest>();
  private readonly sent = new RecentIds(10_000);
  private readonly to: string[];

  /** @throws OptionError if an address is missing */
  constructor(
    private readonly sender: MailSender,
    private readonly options: MailAlertOptions,
    private readonly clock: Clock = systemClock,
  ) {
    this.to = [options.to].flat();
    const addresses = [...this.to, options.from];
    if (
      this.to.length === 0 ||
      !addresses.every((one) => typeof one === 'string' && /.@./.test(one))
    )
      throw new OptionError(
        `LockerModule: alerts by mail expected addresses in "to" and "from", such as 'ops@example.com', got ${JSON.stringify({ to: options.to, from: options.from })}.`,
      );
  }

  async send(alert: Alert): Promise<void | 'gathered'> {
    if (this.sent.has(alert.id)) return undefined;
    const subject = subjectOf(alert);
    const open = this.digests.get(subject);
    if (open) {
      open.add(alert);
      return 'gathered';
    }
    this.gather(subject);
    return this.mail(subject, [alert], 1);
  }

  /** Sends what is still gathered. */
  async close(): Promise<void> {
    for (const [subject, digest] of this.digests) await this.flush(subject, digest);
  }

  private gather(subject: string): void {
    const digest = new Digest();
    this.digests.set(subject, digest);
    this.clock.after(pause, () => {
      this.digests.delete(subject);
      void this.flush(subject, digest, () => this.gather(subject));
    });
  }

  /** What cannot be sent is logged. The alert of a failed run is owed still, and will be asked for again. */
  private async flush(subject: string, digest: Digest, begin = () => {}): Promise<void> {
    const { alerts, count } = digest.take((id) => this.sent.has(id));
    if (count === 0) return;
    begin();
    try {
      await this.mail(subject, alerts, count);
    } catch (error) {
      this.logger.error(`A mail about ${count} alerts could not be sent: ${subject}`, { error });
    }
  }

  private async mail(subject: string, alerts: readonly Alert[], count: number): Promise<void> {
    const { from, subjectPrefix = '[locker]', template = plainText } = this.options;
    const number = count > 1 ? ` (${count})` : '';
    const line = `${subjectPrefix} ${subject}${number}`.replaceAll(/\s+/g, ' ').trim();
    await this.sender.sendMail({ from, to: this.to, subject: line, ...(await template(alerts)) });
    for (const { id } of alerts) this.sent.add(id);
  }
}
