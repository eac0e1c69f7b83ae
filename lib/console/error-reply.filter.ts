import {
  Catch,
  HttpException,
  Logger,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { LockerError } from '../locker.errors.js';
import { Reply, type WebResponse } from './reply.js';

/** Answers errors of the console as JSON: `{ error, code }`. What the application's guards refuse keeps its status. */
@Catch()
export class ErrorReply implements ExceptionFilter {
  private readonly logger = new Logger('LockerConsole');

  constructor(private readonly reply: Reply) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<WebResponse>();
    if (error instanceof LockerError) {
      const { message, code, status } = error;
      return this.reply.json(response, { error: message, code }, status);
    }
    if (error instanceof HttpException)
      return this.reply.json(response, { error: error.message }, error.getStatus());
    this.logger.error('The console could not answer', { error });
    this.reply.json(response, { error: 'The console could not answer; see the log.' }, 500);
  }
}
