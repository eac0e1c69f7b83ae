import type { LoggerService } from '@nestjs/common';
import { colour, type Output } from '../../surroundings/output.js';

/** A logger for Nest that tells of trouble alone. */
export class TroubleLogger implements LoggerService {
  constructor(private readonly output: Output) {}

  log(): void {}

  warn(message: unknown): void {
    this.output.line(colour('yellow', `    ! ${String(message)}`));
  }

  error(message: unknown): void {
    this.output.line(colour('red', `    ! ${String(message)}`));
  }
}
