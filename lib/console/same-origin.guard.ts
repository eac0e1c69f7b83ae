import { ForbiddenException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { foreignness, type RequestHeaders } from './same-origin.js';

/** Answers only the console's own page, and what is no browser. */
export class SameOriginGuard implements CanActivate {
  /** @throws ForbiddenException */
  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context
      .switchToHttp()
      .getRequest<{ readonly method: string; readonly headers: RequestHeaders }>();
    const reason = foreignness(method, headers);
    if (reason !== undefined)
      throw new ForbiddenException(`Only the console's own page may ask this: ${reason}.`);
    return true;
  }
}
