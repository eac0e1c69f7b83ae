import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as work } from 'node:timers/promises';
import { Controller, Headers, Inject, Logger, Post } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { Lease, LockedTask, LockerService } from 'nestjs-datastore-locker';
import { Counter } from './counter.js';
import { counterConfig } from './counter.config.js';
import { Duplicator } from './duplicator.js';

@Controller()
export class CounterController {
  private readonly logger = new Logger(CounterController.name);

  constructor(
    private readonly locker: LockerService,
    private readonly duplicator: Duplicator,
    @Inject(counterConfig.KEY) private readonly config: ConfigType<typeof counterConfig>,
  ) {}

  /** Stores a new counter and schedules step 1, all or nothing. */
  @Post('start')
  async start() {
    const key = this.locker.key(Counter);
    const { run } = await this.locker.schedule(key, new Counter(), 'counter.step');
    return { id: String(key.id), run };
  }

  /** One step: work a little, count, and go on until the limit is reached. */
  @LockedTask('counter.step', Counter)
  async step(counter: Counter, lease: Lease, @Headers() headers: IncomingHttpHeaders) {
    const { run, step, attempt } = lease;
    this.logger.log(`Working on step ${step}`, { working: true, run, step, attempt });
    await work(this.config.workMs, undefined, { signal: lease.signal });
    counter.value += 1;
    if (counter.value >= counter.limit) return; // Returning completes the run.
    await lease.next('counter.step');

    // The next task is in the queue by now. Here come two more like it.
    if (step === 5) await this.duplicator.throwIn(headers);
  }
}
