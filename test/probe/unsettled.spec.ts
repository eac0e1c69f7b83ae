import type { ProbeName } from 'nestjs-datastore-locker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { Job } from '../support/jobs.js';

/** The headers of a queue that delivers again, and how the delivery before was answered. */
const again = (previous: number) => ({ 'x-cloudtasks-taskpreviousresponse': String(previous) });

/** From now on Datastore refuses the commits of one settle. */
function refuseSettle({ emulator }: Application): void {
  emulator.faults.add({
    fault: 'fail-before',
    method: 'commit',
    code: 'PERMISSION_DENIED',
    times: 2,
  });
}

describe.each(adapters)('a handler on %s whose settle Datastore does not take', (adapter) => {
  const applications = new Map<string, Application>();
  const probesOf: Record<string, readonly ProbeName[]> = {
    instance: ['instance'],
    delivery: ['delivery'],
    task: ['task'],
    nothing: [],
  };
  beforeAll(async () => {
    for (const [name, probes] of Object.entries(probesOf))
      applications.set(
        name,
        await Application.ofJobs({ adapter, options: { renew: false, probes } }),
      );
  });
  afterEach(() => Promise.all([...applications.values()].map((one) => one.reset())));
  const applicationOf = (name: string) => {
    const application = applications.get(name);
    if (!application) throw new Error(name);
    return application;
  };
  afterAll(() => Promise.all([...applications.values()].map((one) => one.stop())));

  it.each([
    ['instance', 60_000],
    ['delivery', 60_000],
    // Nobody knows: leaseTimeout decides.
    ['nothing', 630_000],
  ])('runs again as soon as that is known, by %s: after %i ms', async (name, after) => {
    const application = applicationOf(name);
    const { key, run } = await application.startHeld();
    const acquired = { key, run, step: 1, task: 'one' };
    application.script.set(key, () => refuseSettle(application));
    expect(await application.deliver(acquired)).toMatchObject({
      status: 424,
      body: { outcome: 'unsettled' },
    });
    application.script.set(key, () => {});
    application.emulator.faults.clear();
    application.emulator.faults.hold();

    const next = { ...acquired, retryCount: 1, headers: again(424) };
    expect(await application.deliver(next)).toMatchObject({ status: 409 });
    await application.clock.advance(after - 5_000);
    expect(await application.deliver(next)).toMatchObject({ status: 409 });
    await application.clock.advance(5_000);
    const last = { ...acquired, retryCount: 2, headers: again(409) };
    expect(await application.deliver(last)).toMatchObject({
      status: 200,
      body: { outcome: 'completed' },
    });
    expect(application.script.summary(key)).toEqual(['one 1/1', 'one 1/2']);
    expect(application.alerts).toMatchObject([{ type: 'taken-over' }]);
  });

  it('runs again as soon as Cloud Tasks tells of its delivery, for a task of its own', async () => {
    const application = applicationOf('task');
    const { locker, emulator, script, clock } = application;
    const key = application.job(() => {
      refuseSettle(application);
      // The queue is not to deliver again: then its task would tell of that.
      emulator.faults.hold();
    });
    const { run } = await locker.schedule(key, new Job(), 'one');
    await eventually(async () => {
      const [task] = await application.tasks();
      return /HTTP status code 424/.test(task?.lastAttempt?.responseStatus?.message ?? '');
    });
    script.set(key, () => {});
    const duplicate = { key, run, step: 1, task: 'one' };
    await clock.advance(55_000);
    expect(await application.deliver(duplicate)).toMatchObject({ status: 409 });
    await clock.advance(5_000);
    expect(await application.deliver(duplicate)).toMatchObject({ body: { outcome: 'completed' } });
    expect(script.summary(key)).toEqual(['one 1/1', 'one 1/2']);
  });
});
