import type { Alert } from 'nestjs-datastore-locker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { Job } from '../support/jobs.js';

const minute = 60_000;

/** An instance that dies, and one that survives it. The dead one's handlers and alerts never come to an end. */
describe.each(adapters)('what a dead instance leaves, on %s,', (adapter) => {
  let survivor: Application;
  let victim: Application;
  let isDead = false;
  let grave: Gate;
  const alertsSeen: Alert[] = [];
  beforeEach(async () => {
    survivor = await Application.ofJobs({ adapter });
    isDead = false;
    grave = new Gate();
    alertsSeen.length = 0;
    const target = { baseUrl: survivor.baseUrl };
    victim = await Application.ofJobs({
      adapter,
      beside: survivor,
      options: {
        target,
        shutdownTimeout: '0s',
        alerter: {
          send: (alert) => {
            alertsSeen.push(alert);
            return isDead ? grave.pass() : Promise.resolve();
          },
        },
      },
    });
  });
  afterEach(async () => {
    grave.open();
    await victim.stop();
    await survivor.stop();
  });

  it.each(['redelivery', 'the sweep'])(
    'an alert between commit and sending is sent by %s, and once',
    async (how) => {
      const { clock, locker } = survivor;
      const { key, run } = await victim.startHeld(() => {
        throw new Error('broken');
      }, 'brief');
      for (const number of [0, 1])
        await victim.deliver({ key, run, step: 1, number, task: 'brief' });
      isDead = true;
      const last = { key, run, step: 1, number: 2, task: 'brief' };
      void victim.deliver(last).catch(() => undefined);
      await eventually(() => alertsSeen.length > 0);
      const owing = await survivor.lock(key);
      expect(owing).toMatchObject({ state: 'failed', step: 1, tries: 3 });
      expect(owing.due).toBeDefined();

      if (how === 'redelivery') await survivor.deliver({ ...last, retryCount: 1 });
      else {
        await clock.advance(2 * minute);
        await locker.recover();
      }
      const { run: alerted, type } = survivor.alerts[0] ?? {};
      expect({ alerted, type }).toEqual({ alerted: run, type: 'failed' });
      expect((await survivor.proto(key))?.properties).not.toHaveProperty('lock_due');
      await survivor.deliver(last);
      await clock.advance(10 * minute);
      await locker.recover();
      expect(survivor.alerts).toHaveLength(1);
    },
  );

  it.each([
    ['brief', ['taken-over', 'taken-over', 'failed'], 3],
    ['fragile', ['failed'], 1],
  ])(
    'a step that kills every instance fails its run after all its attempts (%s)',
    async (task, alerts, attempts) => {
      const { clock, emulator, locker, script } = survivor;
      const key = survivor.job(() => grave.pass());
      survivor.own.stall();
      await locker.schedule(key, new Job(), task);
      // Nobody but the sweep brings it back: its queue gives up on a dead instance's task.
      for (let passed = 0; passed < 60; passed++) {
        await clock.advance(minute);
        await victim.locker.recover();
      }
      expect(script.of(key)).toHaveLength(attempts);
      // Sent at least once, and always under the same id.
      const sent = new Map([...survivor.alerts, ...alertsSeen].map(({ id, type }) => [id, type]));
      expect([...sent.values()]).toEqual(alerts);
      expect(await survivor.lock(key)).toMatchObject({
        state: 'failed',
        step: 1,
        tries: attempts,
        due: undefined,
        leaseId: '',
      });
      emulator.faults.hold();
    },
    20_000,
  );
});
