import type { Alert } from 'nestjs-datastore-locker';
import { VirtualClock } from 'nestjs-datastore-locker/emulator';
import { MailAlerter, type Mail, type MailAlertOptions } from 'nestjs-datastore-locker/mail';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTransport } from '../../lib/mail/transport.js';
import { Gate } from '../support/gate.js';
import { Mailbox } from './mailbox.js';

const run = 'c0ffee'.padEnd(32, '0');
const addresses = { to: 'ops@example.com', from: 'Orders <orders@example.com>' };

const alert = (changes: Partial<Alert> = {}): Alert => ({
  type: 'failed',
  id: `${run}:3:11:failed`,
  message: 'The run on Order/5 failed at step 3 after 11 attempts, and waits: Error: no\n    at x',
  key: 'Order/5',
  kind: 'Order',
  run,
  step: 3,
  attempts: 11,
  leaseMs: 61_000,
  error: 'Error: no\n    at x',
  log: 'https://console.cloud.google.com/logs/query;query=x?project=p',
  console: 'https://orders.example.com/locker#/chain?key=Order%2F5',
  ...changes,
});

describe('alerts by mail', () => {
  let mailbox: Mailbox;
  let clock: VirtualClock;

  beforeAll(async () => {
    mailbox = await Mailbox.open();
  });
  beforeEach(() => {
    mailbox.empty();
    clock = new VirtualClock();
  });
  afterAll(() => mailbox.close());

  const alerter = (options: Partial<MailAlertOptions> = {}) =>
    new MailAlerter(openTransport(mailbox.transport()), { ...addresses, ...options }, clock);

  it('say what happened, to what, and where to look', async () => {
    await alerter().send(alert({ details: { customer: 7 } }));
    const [mail] = mailbox.mails;
    expect(mail?.from?.text).toBe('"Orders" <orders@example.com>');
    expect([mail?.to].flat()[0]?.text).toBe('ops@example.com');
    expect(mail?.subject).toBe('[locker] Failed: Order');
    expect(mail?.text?.trimEnd().split('\n')).toEqual([
      'The run on Order/5 failed at step 3 after 11 attempts, and waits.',
      '  Entity: Order/5',
      `  Run: ${run}`,
      '  Step: 3',
      '  Attempts: 11',
      '  Lease held: 61 s',
      '  Chain: https://orders.example.com/locker#/chain?key=Order%2F5',
      '  Log: https://console.cloud.google.com/logs/query;query=x?project=p',
      '  Details: {"customer":7}',
      '',
      '  Error: no',
      '      at x',
    ]);
  });

  it('go to several people, with a prefix and a text of ones own', async () => {
    const options = {
      to: ['a@example.com', 'b@example.com'],
      subjectPrefix: '[orders prod]',
      template: (alerts: readonly Alert[]) =>
        Promise.resolve({ text: `${alerts.length}`, html: `<b>${alerts[0]?.key}</b>` }),
    };
    await alerter(options).send(alert());
    const [mail] = mailbox.mails;
    expect([mail?.to].flat().flatMap((one) => one?.value.map((to) => to.address))).toEqual([
      'a@example.com',
      'b@example.com',
    ]);
    expect(mail?.subject).toBe('[orders prod] Failed: Order');
    expect(mail?.text?.trim()).toBe('1');
    expect(mail?.html).toContain('<b>Order/5</b>');
  });

  it('cannot be made to say more by what they are about', async () => {
    await alerter().send(
      alert({ kind: 'Order\r\nBcc: mallory@example.com', message: '<script>\r\n.\r\nQUIT' }),
    );
    const [mail] = mailbox.mails;
    expect(mail?.subject).toBe('[locker] Failed: Order Bcc: mallory@example.com');
    expect(mail?.bcc).toBeUndefined();
    expect(mail?.text).toContain('QUIT');
    expect(mail?.html).toBe(false);
  });

  it('are at most one a minute of a subject, and tell how many they are about', async () => {
    const mailer = alerter();
    await mailer.send(alert());
    for (let i = 0; i < 120; i++)
      expect(await mailer.send(alert({ id: `other ${i}`, key: `Order/${i}` }))).toBe('gathered');
    // Another type or kind has a mail of its own.
    await mailer.send(alert({ id: 'b', type: 'stuck' }));
    await mailer.send(alert({ id: 'c', kind: 'Invoice' }));
    await clock.advance(59_000);
    expect(mailbox.subjects).toEqual([
      '[locker] Failed: Order',
      '[locker] Stuck: Order',
      '[locker] Failed: Invoice',
    ]);
    await clock.advance(1_000);
    await arrived(4);
    expect(mailbox.subjects[3]).toBe('[locker] Failed: Order (120)');
    expect(mailbox.mails[3]?.text).toContain('Order/49');
    expect(mailbox.mails[3]?.text).toContain('and 70 more, which the log has');
    // Each was told: none is told again.
    expect(await mailer.send(alert({ id: 'other 7' }))).toBeUndefined();
    // The next minute counts from that mail on.
    expect(await mailer.send(alert({ id: 'late' }))).toBe('gathered');
    await clock.advance(60_000);
    await arrived(5);
    expect(mailbox.subjects[4]).toBe('[locker] Failed: Order');
    await clock.advance(300_000);
    expect(mailbox.mails).toHaveLength(5);
  });

  it('are recognised when they are asked for again', async () => {
    const mailer = alerter();
    await mailer.send(alert());
    expect(await mailer.send(alert())).toBeUndefined();
    for (let i = 0; i < 3; i++) expect(await mailer.send(alert({ id: 'x' }))).toBe('gathered');
    await clock.advance(60_000);
    await arrived(2);
    expect(mailbox.subjects[1]).toBe('[locker] Failed: Order');
    expect(await mailer.send(alert({ id: 'x' }))).toBeUndefined();
  });

  it('are not sent when the server does not take them, and are when it does', async () => {
    const mailer = alerter();
    mailbox.isFull = true;
    await expect(mailer.send(alert())).rejects.toThrow('Mailbox full');
    mailbox.isFull = false;
    expect(await mailer.send(alert())).toBe('gathered');
    await clock.advance(60_000);
    await arrived(1);
    expect(await mailer.send(alert())).toBeUndefined();
  });

  it('are sent at the end, should any be gathered', async () => {
    const mailer = alerter();
    await mailer.send(alert());
    await mailer.send(alert({ id: 'x', key: 'Order/6' }));
    await mailer.close();
    expect(mailbox.mails).toHaveLength(2);
    expect(mailbox.mails[1]?.text).toContain('Order/6');
  });

  it('are not sent twice when they are asked for again before the server has answered', async () => {
    const sent: Mail[] = [];
    const server = new Gate();
    const slow = {
      sendMail: async (mail: Mail) => {
        sent.push(mail);
        await server.pass();
      },
    };
    const mailer = new MailAlerter(slow, addresses, clock);
    const first = mailer.send(alert({ kind: 'Order\r\nBcc: mallory@example.com' }));
    await server.reached;
    const again = alert({ kind: 'Order\r\nBcc: mallory@example.com' });
    expect(await mailer.send(again)).toBe('gathered');
    server.open();
    await first;
    await clock.advance(60_000);
    expect(await mailer.send(again)).toBeUndefined();
    // On one line, whatever sends it.
    expect(sent.map(({ subject }) => subject)).toEqual([
      '[locker] Failed: Order Bcc: mallory@example.com',
    ]);
  });

  it('need the right password', async () => {
    const mailer = MailAlerter.over(mailbox.transport('wrong'), addresses);
    await expect(mailer.send(alert())).rejects.toThrow(/Invalid (login|username)/);
    expect(mailbox.mails).toEqual([]);
  });

  it.each([
    [{ to: '', from: 'a@b' }],
    [{ to: [], from: 'a@b' }],
    [{ to: 'ops', from: 'a@b' }],
    [{ to: 'a@b', from: '' }],
    [{ to: 'a@b' } as MailAlertOptions],
  ])('need addresses: %o', (options) => {
    expect(() => MailAlerter.over(mailbox.transport(), options)).toThrow(/"to" and "from"/);
  });

  /** The timer that sends a digest does not say when it is done. */
  async function arrived(count: number): Promise<void> {
    while (mailbox.mails.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    // What marks them as sent comes with the answer of the server.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
