import { Controller, Param, Post } from '@nestjs/common';
import { Lease, LockedTask, LockerService } from 'nestjs-datastore-locker';
import { stepsOf } from '../names.js';
import { Effects } from './effects.js';
import { Chain } from './entities.js';

@Controller('chain')
export class ChainController {
  constructor(
    private readonly locker: LockerService,
    private readonly effects: Effects,
  ) {}

  /** Begins a chain; a repeat finds the one that was begun before. */
  @Post('start/:name')
  start(@Param('name') name: string) {
    const key = this.locker.key(Chain, name);
    return this.locker.schedule(key, new Chain(), 'chain.step', { startId: name });
  }

  @LockedTask('chain.step', Chain)
  async step(chain: Chain, lease: Lease) {
    await this.effects.around(lease, () => {
      chain.trail.push(lease.step);
      return lease.step < stepsOf.chain ? lease.next() : lease.complete();
    });
  }
}
