import type { LoggerService } from '@nestjs/common';
import { colour, type Output } from '../../surroundings/output.js';

/** A logger for Nest: what became of each delivery, and what somebody should know. Nest's own lines are left out. */
export class DeliveryLogger implements LoggerService {
  constructor(private readonly output: Output) {}

  log(message: unknown, fields?: unknown): void {
    const isDelivery = typeof fields === 'object' && fields !== null && 'outcome' in fields;
    if (isDelivery) this.output.line(`    ${String(message)}`);
  }

  warn(message: unknown): void {
    this.output.line(colour('yellow', `    ! ${String(message)}`));
  }

  error(message: unknown): void {
    this.output.line(colour('yellow', `    ! ${String(message)}`));
  }
}
