import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { LockerService } from '../locker.service.js';
import type { Vitals } from '../run/vitals.js';
import { systemClock } from '../system/clock.js';
import { withinTime } from '../system/time-limit.js';
import { diagnose } from './diagnosis.js';
import { limitsFrom, type HealthLimits, type LockerHealthOptions } from './health-options.js';

/** An answer that was asked for, and until when it is good. */
interface Asked {
  readonly vitals: Promise<Vitals>;
  expiresAt: number;
}

/**
 * Tells `@nestjs/terminus` whether chains can go on. `down`: Datastore does not answer, a queue is missing, paused or disabled,
 * no sweep is to come although something is owed, or too much is overdue or for too long; `degraded`, between the two
 * thresholds, keeps the HTTP status at 200.
 *
 * For those who watch, not for whoever restarts or removes instances: none of that is mended by another instance.
 *
 * @example
 * ```ts
 * @Controller('health') // TerminusModule imported, LockerHealthIndicator among the providers
 * class HealthController {
 *   constructor(
 *     private readonly health: HealthCheckService,
 *     private readonly locker: LockerHealthIndicator,
 *   ) {}
 *
 *   @Get()
 *   @HealthCheck()
 *   check() {
 *     return this.health.check([() => this.locker.check('locker')]);
 *   }
 * }
 * ```
 */
@Injectable()
export class LockerHealthIndicator {
  private asked: Asked | undefined;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly locker: LockerService,
  ) {}

  /**
   * Never throws but for options: what cannot be found out is `down`.
   *
   * @throws OptionError
   */
  async check<Key extends string>(
    key: Key,
    options: LockerHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const limits = limitsFrom(options);
    const indicator = this.indicators.check(key);
    try {
      const vitals = await withinTime(systemClock, limits.timeoutMs, this.vitals(limits));
      const complaints = diagnose(vitals, limits);
      const { overdue, oldestMs, queues } = vitals;
      const [worst] = complaints;
      const seenAt = vitals.seenAt.toISOString();
      const details = { overdue, oldestSeconds: Math.round(oldestMs / 1_000), queues, seenAt };
      if (!worst) return indicator.up(details);
      const told = { message: complaints.map(({ text }) => text).join(' '), ...details };
      if (worst.health === 'down') return indicator.down(told);
      // Terminus 11 knows up and down alone.
      if (!('degraded' in indicator)) return this.indicators.check(key).up(told);
      return indicator.degraded(told);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return indicator.down(`Datastore or Cloud Tasks could not be asked: ${reason}`);
    }
  }

  /** Asked once for all who ask meanwhile, and kept for a while, a failure too: health checks come from everywhere. */
  private vitals({ cacheForMs }: HealthLimits): Promise<Vitals> {
    if (this.asked && performance.now() < this.asked.expiresAt) return this.asked.vitals;
    const asked: Asked = { vitals: this.locker.vitals(), expiresAt: Infinity };
    const answered = () => {
      asked.expiresAt = performance.now() + cacheForMs;
    };
    asked.vitals.then(answered, answered);
    this.asked = asked;
    return asked.vitals;
  }
}
