export { MailAlerter, type MailAlertOptions } from './mail-alerter.js';
export type { MailText } from './mail-text.js';
export type { Mail, MailSender } from './mail-sender.js';
export type { Clock } from '../system/clock.js';
