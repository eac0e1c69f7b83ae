import type { LoggerService } from '@nestjs/common';
import { eventFrom, type Event } from './event.js';
import { colour, type Output } from '../../surroundings/output.js';
import { sentenceOf } from './sentence.js';

/** A logger for Nest: prints the events of a chain, a line each, and remembers them. Nest's own lines are left out. */
export class StoryLogger implements LoggerService {
  readonly events: Event[] = [];
  private began: number | undefined;

  constructor(private readonly output: Output) {}

  log(_message: unknown, fields?: unknown): void {
    const event = eventFrom(fields);
    if (!event) return;
    this.began ??= Date.now();
    this.events.push(event);
    const sentence = sentenceOf(event);
    if (sentence !== undefined) this.print(sentence);
  }

  debug(message: unknown, fields?: unknown): void {
    this.log(message, fields);
  }

  warn(message: unknown, fields?: unknown): void {
    this.print(colour('yellow', `! ${String(message)}${details(fields)}`));
  }

  error(message: unknown, fields?: unknown): void {
    this.print(colour('red', `! ${String(message)}${details(fields)}`));
  }

  private print(sentence: string): void {
    const seconds = ((Date.now() - (this.began ?? Date.now())) / 1_000).toFixed(1);
    this.output.line(`${colour('dim', `${seconds.padStart(6)} s`)}  ${sentence}`);
  }
}

/** The error that a log line came with: its stack, or what it says. */
function details(fields: unknown): string {
  const error: unknown =
    typeof fields === 'object' && fields !== null && 'error' in fields ? fields.error : fields;
  if (error instanceof Error) return `\n${error.stack ?? error.message}`;
  return typeof error === 'string' ? `\n${error}` : '';
}
