import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { LockedTaskGuard } from '../locked-task/locked-task.guard.js';
import { Recovery } from './recovery.js';
import type { SweepReport } from './sweep-report.js';

/** The sweep's route. Its tasks come from the same queues as all others, through the same guard. */
@Controller('locker')
export class SweepController {
  constructor(private readonly recovery: Recovery) {}

  /** Sweeps the namespace that the body names, or the default one. Cloud Scheduler may call it too; see `callers`. */
  @Post('sweep')
  @HttpCode(200)
  @UseGuards(LockedTaskGuard)
  async sweep(@Body() body: unknown): Promise<SweepReport> {
    const namespace = typeof body === 'object' && body && 'namespace' in body ? body.namespace : '';
    return this.recovery.recover(typeof namespace === 'string' ? namespace : '');
  }
}
