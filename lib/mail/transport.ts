import { createRequire } from 'node:module';
import { OptionError } from '../locker.errors.js';
import type { MailSender } from './mail-sender.js';

const require = createRequire(import.meta.url);

/** How long a mail server is waited for, milliseconds; nodemailer itself waits for up to ten minutes. */
const patience = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/**
 * A sender of its own, with the transport options of nodemailer.
 *
 * @throws OptionError if nodemailer is not installed
 */
export function openTransport(
  transport: string | object,
  load: () => Nodemailer = loadNodemailer,
): MailSender {
  return loaded(load).createTransport(
    typeof transport === 'string' ? transport : { ...patience, ...transport },
  );
}

interface Nodemailer {
  createTransport(options: string | object): MailSender;
}

function loadNodemailer(): Nodemailer {
  // oxlint-disable-next-line typescript/no-unsafe-return -- a peer that need not be installed
  return require('nodemailer');
}

function loaded(load: () => Nodemailer): Nodemailer {
  try {
    return load();
  } catch (cause) {
    throw new OptionError(
      'LockerModule: alerts by mail need nodemailer, which cannot be loaded. Run "npm install nodemailer", or hand in the MailerService of @nestjs-modules/mailer.',
      { cause },
    );
  }
}
