import type { LoggerService } from '@nestjs/common';

/** A logger for Nest that prints nothing: it counts the deliveries that ran nothing, by what they were answered. */
export class TallyLogger implements LoggerService {
  readonly refused: string[] = [];

  log(_message: unknown, fields?: unknown): void {
    const { task, attempt, outcome } = record(fields);
    if (task !== undefined && attempt === undefined && typeof outcome === 'string')
      this.refused.push(outcome);
  }

  debug(message: unknown, fields?: unknown): void {
    this.log(message, fields);
  }

  warn(message: unknown, fields?: unknown): void {
    this.log(message, fields);
  }

  error(message: unknown, fields?: unknown): void {
    this.log(message, fields);
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
