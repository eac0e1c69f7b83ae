import { MailerModule, MailerService } from '@nestjs-modules/mailer';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  LockerModule,
  PermanentTaskError,
  type Alert,
  type Alerter,
  type AlertOptions,
} from 'nestjs-datastore-locker';
import { MailAlerter } from 'nestjs-datastore-locker/mail';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { settingsFrom } from '../../lib/settings/settings.js';
import { adapters, Application } from '../support/application.js';
import { Gate } from '../support/gate.js';
import { Job } from '../support/jobs.js';
import { Mailbox } from './mailbox.js';

const addresses = { to: 'ops@example.com', from: 'jobs@example.com' };

/** An alerter that does what a test says. */
class Scripted implements Alerter {
  readonly sent: Alert[] = [];
  act: (alert: Alert) => Promise<void | 'gathered'> = () => Promise.resolve();

  async send(alert: Alert): Promise<void | 'gathered'> {
    const result = await this.act(alert);
    this.sent.push(alert);
    return result;
  }
}

describe.each(adapters)('an alert on %s', (adapter) => {
  const alerter = new Scripted();
  let application: Application;
  let options: AlertOptions = {};

  beforeAll(async () => {
    application = await Application.ofJobs({
      adapter,
      options: {
        alerter,
        // Read at every alert, so that each test has its own.
        alerts: {
          console: 'https://orders.example.com/locker/',
          details: (alert) => options.details?.(alert) ?? {},
        },
      },
    });
  });
  afterEach(async () => {
    alerter.act = () => Promise.resolve();
    alerter.sent.length = 0;
    options = {};
    await application.reset();
  });
  afterAll(() => application.stop());

  /** A run that fails for good, and the answer to that. */
  async function fail() {
    const { key, run } = await application.startHeld((job) => {
      job.note = 'secret of the customer';
      throw new PermanentTaskError('the card was declined');
    });
    const delivery = { key, run, step: 1, task: 'one' };
    return { key, run, delivery, answer: await application.deliver(delivery) };
  }

  it('tells where and what, and nothing of the entity', async () => {
    const { key, run } = await fail();
    const name = String(key.name);
    expect(alerter.sent).toMatchObject([
      {
        type: 'failed',
        id: `${run}:1:1:failed`,
        key: `Job/"${name}"`,
        kind: 'Job',
        run,
        step: 1,
        attempts: 1,
        log: `https://console.cloud.google.com/logs/query;query=%22${run}%22?project=test-project`,
      },
    ]);
    expect(alerter.sent[0]?.entityKey?.name).toBe(name);
    expect(alerter.sent[0]?.leaseMs).toBeGreaterThanOrEqual(0);
    expect(alerter.sent[0]?.error).toContain('the card was declined');
    expect(JSON.stringify(alerter.sent)).not.toContain('secret');
  });

  it('of a task that nobody can read is in the error log too, whoever is told', async () => {
    const { key, run } = await application.startHeld();
    const headers = { 'x-lock-seq': 'many' };
    await application.deliver({ key, run, step: 1, task: 'one', headers });
    expect(alerter.sent).toMatchObject([{ type: 'unreadable' }]);
    expect(application.logged('error')).toEqual([expect.stringContaining('was dropped')]);
  });

  it('links to the chain in the console', async () => {
    const { key } = await fail();
    const page = encodeURIComponent(`Job/"${String(key.name)}"`);
    expect(alerter.sent).toMatchObject([
      { console: `https://orders.example.com/locker#/chain?key=${page}` },
    ]);
  });

  it('tells of the entity what the application picks', async () => {
    options = {
      details: async ({ entityKey }) => {
        const job = entityKey && (await application.locker.get(entityKey));
        return { count: job instanceof Job ? job.count : 'none' };
      },
    };
    await fail();
    expect(alerter.sent).toMatchObject([{ details: { count: 0 } }]);
  });

  it.each<[string, AlertOptions['details']]>([
    ['fails', () => Promise.reject(new Error('no details'))],
    [
      'throws',
      () => {
        throw new Error('no details');
      },
    ],
    ['never ends', () => new Promise(() => {})],
  ])('goes without details if picking them %s', async (_, details) => {
    options = { details };
    const failing = fail();
    const over = { isOver: false };
    void failing.finally(() => (over.isOver = true));
    while (!over.isOver) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      await application.clock.advance(200);
    }
    expect((await failing).answer.status).toBe(200);
    expect(alerter.sent).toMatchObject([{ type: 'failed' }]);
    expect(alerter.sent[0]).not.toHaveProperty('details');
    expect(application.logged('warn').join()).toContain('it goes without');
  });

  it.each<[string, () => Promise<void | 'gathered'>, RegExp | undefined]>([
    ['cannot be sent', () => Promise.reject(new Error('no mail today')), /could not be sent/],
    ['takes too long', () => new Promise(() => {}), /could not be sent/],
    ['is gathered', () => Promise.resolve('gathered'), undefined],
  ])('that %s changes no answer, and stays owed until it is sent', async (_, act, line) => {
    alerter.act = act;
    const startedAt = application.clock.now();
    const failing = fail();
    const over = { isOver: false };
    void failing.finally(() => (over.isOver = true));
    while (!over.isOver) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      await application.clock.advance(100);
    }
    const { key, run, answer } = await failing;
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'failed' } });
    expect(application.clock.now() - startedAt).toBeLessThan(20_000);
    expect((await application.lock(key)).due).toBeDefined();
    expect(application.logged('error').join()).toMatch(line ?? /^$/);

    alerter.act = () => Promise.resolve();
    alerter.sent.length = 0;
    await application.clock.advance(120_000);
    expect(await application.locker.recover()).toMatchObject([{ alerted: 1 }]);
    expect(alerter.sent).toMatchObject([{ id: `${run}:1:1:failed` }]);
    expect((await application.lock(key)).due).toBeUndefined();
    expect(await application.locker.recover()).toMatchObject([{ alerted: 0, seen: 0 }]);
  });

  it('of a takeover does not hold up the handler', async () => {
    const gate = new Gate();
    alerter.act = () => gate.pass();
    const { key, run } = await application.startHeld();
    const delivery = { key, run, step: 1, task: 'one' };
    const hung = new Gate();
    application.script.set(key, () => hung.pass());
    const first = application.deliver(delivery);
    await hung.reached;
    application.own.stall();
    await application.clock.advance(70_000);
    const begun = new Gate();
    application.script.set(key, () => begun.pass());
    const second = application.deliver({ ...delivery, retryCount: 1 });
    await begun.reached;
    expect(alerter.sent).toEqual([]);
    await gate.reached;
    gate.open();
    begun.open();
    expect((await second).status).toBe(200);
    expect(alerter.sent).toMatchObject([{ type: 'taken-over', attempts: 1 }]);
    application.own.resume();
    hung.open();
    await first;
  });
});

describe('which alerts there are', () => {
  const required = { target: { baseUrl: 'http://a' }, guard: 'none', location: 'x' } as const;

  it('is what the option says', async () => {
    const alerter = new Scripted();
    const application = await Application.ofJobs({
      options: { alerter, alerts: { only: ['taken-over'] } },
    });
    const { key, run } = await application.startHeld(() => {
      throw new PermanentTaskError('no');
    });
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(alerter.sent).toEqual([]);
    // Nothing is owed to somebody who does not want it.
    expect(await application.lock(key)).toMatchObject({ state: 'failed', due: undefined });
    await application.stop();
  });

  it('is checked at start-up', () => {
    expect(() =>
      settingsFrom({ ...required, alerts: { only: ['broken' as 'failed'] } }, 'p'),
    ).toThrow(/option "alerts.only" expected 'failed' or 'taken-over'.*got 'broken'/);
    expect(() => settingsFrom({ ...required, alerts: { details: 'all' as never } }, 'p')).toThrow(
      /option "alerts.details" expected a function/,
    );
  });
});

describe('mails about an application', () => {
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.open();
  });
  afterAll(() => mailbox.close());
  afterEach(() => mailbox.empty());

  it('go through its MailerModule', async () => {
    @Module({ imports: [MailerModule.forRoot({ transport: mailbox.transport() })] })
    class Mails {}
    const mails = await Test.createTestingModule({ imports: [Mails] }).compile();
    const alerter = new MailAlerter(mails.get(MailerService, { strict: false }), addresses);
    const application = await Application.ofJobs({ options: { alerter } });
    const { key, run } = await application.startHeld((job) => {
      job.note = 'secret of the customer';
      throw new PermanentTaskError('the card was declined');
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(answer.status).toBe(200);
    expect(mailbox.subjects).toEqual(['[locker] Failed: Job']);
    const [mail] = mailbox.mails;
    expect(mail?.text).toContain('the card was declined');
    expect(mail?.text).toContain(run);
    expect(mail?.text).not.toContain('secret of the customer');
    expect((await application.lock(key)).due).toBeUndefined();
    await application.stop();
    await mails.close();
  });

  it('are configured with it, and the last of them is sent when the application ends', async () => {
    const application = await Application.ofJobs({
      options: { alerter: MailAlerter.over(mailbox.transport(), addresses) },
    });
    for (let i = 0; i < 3; i++) {
      const { key, run } = await application.startHeld(() => {
        throw new PermanentTaskError('no');
      });
      await application.deliver({ key, run, step: 1, task: 'one' });
      expect((await application.lock(key)).due === undefined).toBe(i === 0);
    }
    expect(mailbox.mails).toHaveLength(1);
    await application.stop();
    expect(mailbox.subjects).toEqual(['[locker] Failed: Job', '[locker] Failed: Job (2)']);
  });

  it('are injected where the module is configured', async () => {
    const configured: unknown[] = [];
    @Module({
      imports: [
        MailerModule.forRoot({ transport: mailbox.transport() }),
        LockerModule.forRootAsync({
          inject: [MailerService],
          useFactory: (mailer: MailerService) => {
            configured.push(mailer);
            return {
              target: { baseUrl: 'http://127.0.0.1' },
              guard: 'none',
              location: 'europe-west1',
              projectId: 'p',
              sweep: false,
              alerter: new MailAlerter(mailer, addresses),
            };
          },
        }),
      ],
    })
    class App {}
    const app = await Test.createTestingModule({ imports: [App] }).compile();
    expect(configured).toHaveLength(1);
    await app.close();
  });
});
