/** A mail, in the words of nodemailer. */
export interface Mail {
  readonly from: string;
  readonly to: string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

/** What sends mails: `MailerService` of `@nestjs-modules/mailer`, or a transporter of nodemailer. */
export interface MailSender {
  /** Resolves when the server has taken the mail. */
  sendMail(mail: Mail): Promise<unknown>;
}
