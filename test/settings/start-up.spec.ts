import type { LockerModuleOptions } from 'nestjs-datastore-locker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLogging } from '../../lib/google/logging-client.js';
import { openTransport } from '../../lib/mail/transport.js';
import { settingsFrom } from '../../lib/settings/settings.js';
import { warningOf } from '../../lib/tasks/queue-check.js';
import { Application, location, projectId } from '../support/application.js';

const required = { target: { baseUrl: 'http://a' }, guard: 'none', location: 'x' } as const;

/** Node's answer to an import of what is not installed. */
const missing = () => Promise.reject(new Error("Cannot find package '@google-cloud/logging'"));

/** The same of a require. */
function absent(): never {
  throw new Error("Cannot find module 'nodemailer'");
}

function messageOf(options: Partial<LockerModuleOptions>): string {
  try {
    settingsFrom({ ...required, ...options }, 'p');
    return 'It starts.';
  } catch (error) {
    return String(error);
  }
}

describe('an application does not start', () => {
  it.each<[string, Partial<LockerModuleOptions>, string[]]>([
    [
      'if a lease can time out while Cloud Tasks still waits for its request',
      { leaseTimeout: '10m' },
      ['"leaseTimeout"', 'dispatchDeadline (600000 ms)', 'could lose its lease'],
    ],
    [
      'if it can, for a longer deadline',
      { dispatchDeadline: '15m' },
      ['"leaseTimeout"', 'dispatchDeadline (900000 ms)'],
    ],
    [
      'if a lease times out before it is over',
      { leaseDuration: '11m', leaseTimeout: '10m30s' },
      ['"leaseTimeout"', 'leaseDuration (660000 ms)'],
    ],
    ['if Cloud Tasks waits no longer than that', { dispatchDeadline: '31m' }, ['30 minutes']],
    ['if backoff ends before it begins', { backoff: { min: '1m', max: '1s' } }, ['"backoff.max"']],
    ['if busy looks like an end', { busyStatus: 424 }, ['"busyStatus"', 'another status: 424']],
    ['with a probe that is none', { probes: ['logs' as 'logging'] }, ['"probes"', "'logging'"]],
    ['with probes that are no list', { probes: 'task' as never }, ['"probes"', "'task'"]],
    ['with an object that is no probe', { probes: [{} as never] }, ['"probes"', 'ask()']],
  ])('%s', (_, options, named) => {
    const message = messageOf(options);
    expect(message).toMatch(/^OptionError: LockerModule: option /);
    expect(named.filter((word) => !message.includes(word))).toEqual([]);
  });

  describe('without a package that it asks for', () => {
    it('for the log', async () => {
      await expect(openLogging({ projectId }, missing)).rejects.toThrow(
        /option "probes".*npm install @google-cloud\/logging/,
      );
    });

    it('for mail', () => {
      expect(() => openTransport({ host: 'x' }, absent)).toThrow(/npm install nodemailer/);
    });
  });
});

describe('the queue', () => {
  it.each([
    [{ maxAttempts: 10 }, 10, true],
    [{ maxAttempts: 1 }, 10, true],
    [{ maxAttempts: 11 }, 10, false],
    [{ maxAttempts: -1 }, 10, false],
    [{ maxAttempts: 100 }, 100, true],
    [{ maxAttempts: 5, maxRetryDuration: { seconds: 3_600 } }, 10, false],
    [{ maxAttempts: 5, maxRetryDuration: { seconds: 0 } }, 10, true],
    [{}, 10, false],
  ])('with %o and maxRetries %i is warned of: %s', (retryConfig, maxRetries, isWarned) => {
    const warning = warningOf('slow', retryConfig, maxRetries);
    expect(warning !== undefined).toBe(isWarned);
    expect(warning ?? 'gcloud tasks queues update slow --max-attempts').toContain(
      'gcloud tasks queues update slow --max-attempts',
    );
  });

  describe('at start-up', () => {
    let application: Application;
    beforeAll(async () => {
      const name = `projects/${projectId}/locations/${location}/queues/default`;
      application = await Application.ofJobs({
        emulator: { queues: [{ name, retryConfig: { maxAttempts: 3 } }] },
      });
    });
    afterAll(() => application.stop());

    it('is looked at', () => {
      expect(application.logged('warn')).toEqual([
        expect.stringContaining('Queue "default" gives a task up after 3 attempts'),
      ]);
    });
  });

  it('that cannot be looked at keeps nobody from starting', async () => {
    const application = await Application.ofJobs({ options: { defaultQueue: 'not-there-yet' } });
    expect(application.logged('warn')).toEqual([]);
    expect(application.logged('debug')).toContainEqual(
      expect.stringContaining('gcloud tasks queues create not-there-yet --location=europe-west1'),
    );
    await application.stop();
  });
});
