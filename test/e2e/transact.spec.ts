import { Controller } from '@nestjs/common';
import { Lease, Lockable, LockedTask, LockerService } from 'nestjs-datastore-locker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';

class Parent extends Lockable {
  static readonly kind = 'Parent';
  children = 0;
  timedOut = false;
  finished = false;
}

class Child extends Lockable {
  static readonly kind = 'Child';
  parent = '';
  done = false;
}

@Controller('tasks')
class FamilyTasks {
  constructor(private readonly locker: LockerService) {}

  @LockedTask('parent.fan-out', Parent)
  async fanOut(parent: Parent, lease: Lease) {
    const name = lease.key.name ?? '';
    for (let index = 0; index < parent.children; index++) {
      const child = new Child();
      child.parent = name;
      await this.locker.schedule(this.locker.key(Child, `${name}-${index}`), child, 'child.work');
    }
    await lease.next('parent.finish', { waitFor: parent.children, within: '1h' });
  }

  @LockedTask('parent.finish', Parent)
  finish(parent: Parent, lease: Lease) {
    parent.finished = true;
    parent.timedOut = lease.timedOut;
  }

  @LockedTask('child.work', Child)
  async work(child: Child) {
    child.done = true;
    const parent = this.locker.key(Parent, child.parent);
    await this.locker.transact((tx) => {
      tx.arrive(parent);
      tx.complete();
      return Promise.resolve();
    });
  }
}

describe.each(adapters)('a parent that waits for its children, on %s,', (adapter) => {
  let application: Application;
  beforeAll(async () => {
    application = await Application.start({ adapter, controllers: [FamilyTasks] });
  });
  afterAll(() => application.stop());

  it('goes on when the last of them has arrived', async () => {
    const { locker, emulator, clock } = application;
    const key = locker.key(Parent, 'p');
    const parent = new Parent();
    parent.children = 10;
    const begun = clock.now();
    await locker.schedule(key, parent, 'parent.fan-out');
    await emulator.drain();
    const stored = await locker.get(key);
    expect(stored).toMatchObject({ finished: true, timedOut: false });
    expect(stored?.lock.state).toBe('completed');
    expect(clock.now() - begun).toBeLessThan(60_000);
    const child = await locker.get(locker.key(Child, 'p-3'));
    expect(child).toMatchObject({ done: true, lock: { state: 'completed' } });
  });
});
