import {
  ForbiddenException,
  Injectable,
  ServiceUnavailableException,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Door } from '../door/door.js';
import type { TaskHttpRequest } from './leased-request.js';
import { UnreachedTasks } from './unreached-tasks.js';

/** How long a caller is asked to wait when the door is closed to everybody, seconds. */
const retryAfter = '30';

/** Lets only those in who may deliver tasks, as the option `guard` says. Everybody else learns nothing. */
@Injectable()
export class LockedTaskGuard implements CanActivate {
  constructor(
    private readonly door: Door,
    private readonly host: HttpAdapterHost,
    private readonly unreached: UnreachedTasks,
  ) {}

  /** @throws UnauthorizedException, ForbiddenException, or ServiceUnavailableException while nobody is let in */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<TaskHttpRequest>();
    this.unreached.reach(request);
    const { headers } = request;
    const route = `${context.getClass().name}.${context.getHandler().name}`;
    const admission = await this.door.admit(headers, route);
    if (admission.verdict === 'refused') {
      if (admission.status === 401) throw new UnauthorizedException();
      if (admission.status === 403) throw new ForbiddenException();
      throw this.closed(context);
    }
    if (!this.door.isOpen)
      throw this.closed(context, 'This instance runs no tasks: its option "enabled" is false.');
    return true;
  }

  private closed(context: ExecutionContext, reason?: string): ServiceUnavailableException {
    const response: unknown = context.switchToHttp().getResponse();
    this.host.httpAdapter.setHeader(response, 'Retry-After', retryAfter);
    return new ServiceUnavailableException(reason);
  }
}
