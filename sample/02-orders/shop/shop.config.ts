import { registerAs } from '@nestjs/config';

/** Where the outside world is, and how long after its mail an order is shipped. */
export const shopConfig = registerAs('shop', () => ({
  paymentsUrl: process.env['PAYMENTS_URL'] ?? 'http://127.0.0.1:4000',
  smtpPort: Number(process.env['SMTP_PORT'] ?? 1025),
  shipAfter: process.env['SHIP_AFTER'] ?? '2s',
}));
