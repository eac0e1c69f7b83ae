import { Controller, Param, Post } from '@nestjs/common';
import { Lease, LockedTask, LockerService } from 'nestjs-datastore-locker';
import { childNames, childrenOfParent } from '../names.js';
import { Effects } from './effects.js';
import { Child, Parent } from './entities.js';

@Controller('family')
export class FamilyController {
  constructor(
    private readonly locker: LockerService,
    private readonly effects: Effects,
  ) {}

  /** Begins a parent's chain; a repeat finds the one that was begun before. */
  @Post('start/:name')
  start(@Param('name') name: string) {
    const key = this.locker.key(Parent, name);
    return this.locker.schedule(key, new Parent(), 'parent.fan-out', { startId: name });
  }

  @LockedTask('parent.fan-out', Parent)
  async fanOut(parent: Parent, lease: Lease) {
    await this.effects.around(lease, async () => {
      for (const name of childNames(lease.key.name ?? '')) {
        const child = new Child();
        child.parent = lease.key.name ?? '';
        child.parentRun = lease.run;
        await this.locker.schedule(this.locker.key(Child, name), child, 'child.work');
      }
      parent.trail.push(lease.step);
      await lease.next('parent.finish', { waitFor: childrenOfParent, within: '5m' });
    });
  }

  @LockedTask('child.work', Child)
  async work(child: Child, lease: Lease) {
    await this.effects.around(lease, () => {
      child.trail.push(lease.step);
      return this.arriveAndComplete(child, lease);
    });
  }

  @LockedTask('parent.finish', Parent)
  async finish(parent: Parent, lease: Lease) {
    await this.effects.around(lease, () => {
      parent.trail.push(lease.step);
      parent.timedOut = lease.timedOut;
      return lease.complete();
    });
  }

  /** The parent learns of it by its lock, and by a list of its own that tells who came how often. */
  private arriveAndComplete({ parent: name, parentRun }: Child, { key: own }: Lease) {
    const key = this.locker.key(Parent, name);
    return this.locker.transact(async (tx) => {
      const parent = await tx.get(key);
      if (!parent) throw new Error(`There is no parent ${name}.`);
      parent.arrived.push(own.name ?? '');
      tx.save(key, parent);
      tx.arrive(key, { run: parentRun, step: 1 });
      tx.complete();
    });
  }
}
