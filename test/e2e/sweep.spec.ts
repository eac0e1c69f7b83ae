import { Controller } from '@nestjs/common';
import { Lease, Lockable, LockedTask } from 'nestjs-datastore-locker';
import { afterEach, describe, expect, it } from 'vitest';
import { adapters, Application, type Adapter } from '../support/application.js';

const minute = 60_000;

class Job extends Lockable {
  static readonly kind = 'Job';
  done: number[] = [];
}

@Controller('tasks')
class JobTasks {
  @LockedTask('job.work', Job)
  async work(job: Job, lease: Lease) {
    job.done.push(lease.step);
    if (lease.step < 3) await lease.next();
  }
}

const start = (adapter: Adapter) =>
  Application.start({ adapter, controllers: [JobTasks], options: { sweep: {} } });

/** Starts a run while Cloud Tasks takes the sweep's task, but none of a step. */
async function startUndispatched({ locker, emulator, clock }: Application) {
  const key = locker.key(Job, 'a');
  // A minute has its own sweep: none ends meanwhile.
  await clock.advance(minute - (clock.now() % minute));
  // The first call arms the sweep; what follows it are the tries to dispatch the step.
  const stop = emulator.tap((event) => {
    if (event.type !== 'call' || event.method !== 'createTask') return;
    stop();
    emulator.faults.add({ fault: 'fail-before', method: 'createTask', times: 4 });
  });
  return { key, scheduled: await locker.schedule(key, new Job(), 'job.work') };
}

describe.each(adapters)('the sweep, on %s,', (adapter) => {
  let application: Application;
  afterEach(() => application.stop());

  it('dispatches what was stored but never dispatched, and ends when nothing is owed', async () => {
    application = await start(adapter);
    const { locker, emulator, clock } = application;
    const { key, scheduled } = await startUndispatched(application);
    expect(scheduled).toMatchObject({ started: true, dispatched: false });

    const begun = clock.now();
    await emulator.drain();
    const stored = await locker.get(key);
    expect(stored?.lock.state).toBe('completed');
    expect(stored?.done).toEqual([1, 2, 3]);
    expect(clock.now() - begun).toBeLessThan(10 * minute);
  });
});
