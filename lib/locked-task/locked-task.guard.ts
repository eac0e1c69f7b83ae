import {
  Injectable,
  Logger,
  ServiceUnavailableException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Door } from './door.js';
import type { TaskHttpRequest } from './leased-request.js';

/** Lets only the queue in, as the option `guard` says. Everybody else gets 403 and learns nothing. */
@Injectable()
export class LockedTaskGuard implements CanActivate {
  private readonly logger = new Logger(LockedTaskGuard.name);

  constructor(private readonly door: Door) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<TaskHttpRequest>();
    const refusal = this.door.refusalOf(headers);
    if (refusal) this.logger.warn(`Refused a request to a task's route: ${refusal}`);
    if (refusal === undefined && !this.door.isOpen)
      throw new ServiceUnavailableException(
        'This instance runs no tasks: its option "enabled" is false.',
      );
    return refusal === undefined;
  }
}
