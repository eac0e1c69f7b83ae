import { Controller } from '@nestjs/common';
import { Lease, Lockable, LockedTask } from 'nestjs-datastore-locker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';

/** An entity whose class does not take what is stored. */
class Fussy extends Lockable {
  static readonly kind = 'Fussy';
  private text = 'fine';
  get word(): string {
    return this.text;
  }
  set word(word: string) {
    if (word === 'bad') throw new Error('That word is not taken.');
    this.text = word;
  }
}

let ran = 0;

@Controller('tasks')
class FussyTasks {
  @LockedTask('fussy.work', Fussy, { maxRetries: 1 })
  work(_: Fussy, lease: Lease) {
    ran++;
    return lease.complete();
  }
}

describe.each(adapters)('an entity class that throws while it is loaded, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.start({ adapter, controllers: [FussyTasks] });
  });
  afterAll(() => application.stop());

  it('fails the attempt, and keeps no lease', async () => {
    const { locker, emulator, datastore } = application;
    const key = locker.key(Fussy, 'a');
    ran = 0;
    emulator.faults.hold();
    const { run } = await locker.schedule(key, new Fussy(), 'fussy.work');
    const [stored] = (await datastore.get(key)) as [Record<string, unknown>];
    const lock = Object.keys(stored).filter((name) => name.startsWith('lock_'));
    await datastore.save({
      key,
      data: { ...stored, word: 'bad' },
      excludeFromIndexes: lock.filter((name) => name !== 'lock_due'),
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'fussy.work' });
    expect(answer.status).toBe(500);
    const overview = await locker.inspect(key);
    expect(overview).toMatchObject({ lock: { state: 'ready', tries: 1 } });
    expect(overview.lock.error).toContain('That word is not taken.');
    emulator.faults.release();
    await emulator.drain();
    expect(await locker.inspect(key)).toMatchObject({ lock: { state: 'failed', step: 1 } });
    expect(application.alerts).toMatchObject([{ type: 'failed', step: 1, attempts: 2 }]);
    expect(ran).toBe(0);
  });
});
